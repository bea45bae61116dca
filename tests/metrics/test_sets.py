"""Metrics of sets against their definitions, pair by pair, and against textbook formulas."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from acai_ray.metrics import (
    apd,
    balls_holding,
    density_coverage,
    frechet_distance,
    mpjpe,
    neighbour_radii,
    precision_recall,
)
from acai_ray.metrics.search import tree


def on_axis(*places: float) -> torch.Tensor:
    """Poses that differ in one coordinate only, so that distances can be read off."""
    poses = torch.zeros(len(places), 17, 3)
    poses[:, 3, 1] = torch.tensor(places)
    return poses


def cloud(n: int, seed: int, dims: int = 4) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    basis = torch.randn(dims, 51, generator=torch.Generator().manual_seed(99))
    return (torch.randn(n, dims, generator=generator) @ basis).view(n, 17, 3)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small sets fill several blocks and chunks of queries."""
    monkeypatch.setattr(tree, "QUERIES", 7)


def slow(real: torch.Tensor, fake: torch.Tensor, k: int) -> tuple[float, float, float, float]:
    """The papers' definitions, pair by pair, in float64."""

    def distance(a: torch.Tensor, b: torch.Tensor) -> float:
        return float((a.double() - b.double()).norm())

    def radii(poses: torch.Tensor) -> list[float]:
        n = range(len(poses))
        return [sorted(distance(poses[i], poses[j]) for j in n if j != i)[k - 1] for i in n]

    table = [[distance(r, f) for f in fake] for r in real]
    real_radii, fake_radii = radii(real), radii(fake)
    n, m = len(real), len(fake)
    inside = [[table[i][j] < real_radii[i] for j in range(m)] for i in range(n)]
    precision = sum(any(inside[i][j] for i in range(n)) for j in range(m)) / m
    recall = sum(any(table[i][j] < fake_radii[j] for j in range(m)) for i in range(n)) / n
    return precision, recall, sum(map(sum, inside)) / (k * m), sum(map(any, inside)) / n


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize(("n", "m", "shift"), [(60, 60, 0.0), (40, 70, 0.3), (50, 33, 2.0)])
def test_equals_the_definition(k: int, n: int, m: int, shift: float) -> None:
    real, fake = cloud(n, 0), cloud(m, 1) * 0.8 + shift
    found = torch.stack([*precision_recall(real, fake, k), *density_coverage(real, fake, k)])
    torch.testing.assert_close(found, torch.tensor(slow(real, fake, k)))


def test_radii_leave_the_pose_itself_out() -> None:
    line = on_axis(0, 1, 3, 7)
    assert neighbour_radii(line, 1).tolist() == [1, 1, 2, 4]
    assert neighbour_radii(line, 3).tolist() == [7, 6, 4, 7]
    assert neighbour_radii(on_axis(2, 2, 2, 5), 2).tolist() == [0, 0, 0, 3]


def test_the_ball_is_open() -> None:
    line = on_axis(0, 1, 3, 7)
    radii = neighbour_radii(line, 1)
    assert balls_holding(line, line, radii).tolist() == [1, 1, 1, 1]
    assert balls_holding(on_axis(0.5, 5, -1, 2), line, radii).tolist() == [2, 1, 0, 1]


def test_a_set_against_itself() -> None:
    real = cloud(200, 0)
    precision, recall = precision_recall(real, real, 3)
    density, coverage = density_coverage(real, real, 5)
    assert (float(precision), float(recall), float(coverage)) == (1, 1, 1)
    assert float(density) == 1  # an open ball to the 5th neighbour holds the centre and 4 others


def test_far_sets_share_nothing() -> None:
    real, fake = cloud(50, 0), cloud(50, 1) + 100
    assert [float(value) for value in (*precision_recall(real, fake), *density_coverage(real, fake))] == [0, 0, 0, 0]


def test_one_mode_is_dense_and_covers_little() -> None:
    real = on_axis(0, 1, 2, 100, 101, 102)
    fake = on_axis(1.1, 1.2, 1.3)
    density, coverage = density_coverage(real, fake, 1)
    assert float(density) == pytest.approx((2 + 2 + 2) / 3)
    assert float(coverage) == pytest.approx(2 / 6)


def test_known_radii_give_the_same() -> None:
    real, fake = cloud(50, 0), cloud(50, 1)
    assert precision_recall(real, fake, 3, real_radii=neighbour_radii(real, 3)) == precision_recall(real, fake, 3)
    assert density_coverage(real, fake, 5, real_radii=neighbour_radii(real, 5)) == density_coverage(real, fake, 5)


@pytest.mark.parametrize("k", [0, 4, 9])
def test_k_must_leave_a_neighbour(k: int) -> None:
    with pytest.raises(ValueError, match=f"k is {k} of 4 poses"):
        neighbour_radii(on_axis(0, 1, 2, 3), k)


def normal(n: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, 17, 3, generator=torch.Generator().manual_seed(seed))


def test_frechet_of_a_shift_is_its_square() -> None:
    a = normal(500).double()
    shift = torch.zeros(17, 3).double()
    shift[4] = torch.tensor([0.3, 0.4, 0.0])
    shift[0] = 7  # the root is left out
    assert float(frechet_distance(a, a + shift)) == pytest.approx(0.25)
    assert float(frechet_distance(a, a)) == pytest.approx(0, abs=1e-10)


def test_frechet_of_a_scale_about_the_mean() -> None:
    a = normal(500).double()
    mean = a.mean(0)
    variance = a[:, 1:].var(0).sum()
    assert float(frechet_distance(a, mean + 3 * (a - mean))) == pytest.approx(float(4 * variance))


def test_frechet_equals_the_textbook_formula() -> None:
    a, b = normal(300), normal(400, 1) @ torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, 0.2], [0.0, 0.0, 0.3]]) + 0.1
    flat = [x[:, 1:].flatten(1).double().numpy() for x in (a, b)]
    means, covariances = [x.mean(0) for x in flat], [np.cov(x.T) for x in flat]
    root = sqrtm(covariances[0] @ covariances[1]).real
    expected = ((means[0] - means[1]) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert float(frechet_distance(a, b)) == pytest.approx(expected, rel=1e-6)
    assert float(frechet_distance(b, a)) == pytest.approx(expected, rel=1e-6)


def test_frechet_to_one_pose_is_the_variance_about_it() -> None:
    a = normal(100).double()
    mean = a.mean(0, keepdim=True)
    for point in (mean, mean.expand(50, 17, 3)):
        assert float(frechet_distance(a, point)) == pytest.approx(float(a[:, 1:].var(0).sum()))


def test_apd_is_the_mean_over_pairs() -> None:
    a = normal(300).double()
    loop = [mpjpe(a[i], a[j]) for i in range(0, 300, 37) for j in range(0, 300, 37) if i != j]
    torch.testing.assert_close(apd(a[::37]), torch.stack(loop).mean())
    torch.testing.assert_close(apd(a), mpjpe(a[:, None], a[None]).sum() / (300 * 299))
    assert apd(a[:1].expand(5, 17, 3)) == 0
    with pytest.raises(ValueError, match="at least 2 poses, but got 1"):
        apd(a[:1])
