"""The self-test on images of lines: pictures, scores, twins, verdict, and the command itself."""

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from acai_ray.lines import comparison, training, verdict
from acai_ray.lines.__main__ import main
from acai_ray.lines.arms import ARMS, TWINS
from acai_ray.lines.images import RADIUS, SIDE, rays
from acai_ray.lines.processes import train_all
from acai_ray.lines.scores import nearest_lines, score, smoothness
from acai_ray.lines.training import CONFIG, IMAGES, LINES, blended, draw, measured, train_one, unseen_pairs
from acai_ray.models.autoencoder import Autoencoder
from acai_ray.training.regularizers import REGULARIZERS
from acai_ray.training.state import TrainState

SMALL = CONFIG.model_copy(update={"width": 32, "batch_size": 64, "epochs": 2, "steps_per_epoch": 5})


def angles(*degrees: float) -> np.ndarray:
    return np.deg2rad(np.array(degrees))


class TestRays:
    def test_a_quarter_turn_turns_the_image(self) -> None:
        right, up = rays(angles(0, 90)).reshape(2, SIDE, SIDE)
        np.testing.assert_allclose(np.rot90(right), up, atol=1e-6)

    def test_it_goes_from_the_centre_to_the_radius(self) -> None:
        image = rays(angles(0)).reshape(SIDE, SIDE)
        lit = np.argwhere(image > 0)
        assert set(lit[:, 0]) == {7, 8}
        assert lit[:, 1].max() - (SIDE - 1) / 2 == pytest.approx(RADIUS, abs=1)
        assert (image[:, :6] == -1).all()

    def test_the_ink_is_its_length_times_its_width(self) -> None:
        ink = ((rays(np.linspace(0, 2 * np.pi, 50)) + 1) / 2).sum(axis=-1)
        np.testing.assert_allclose(ink, 14 + math.pi, rtol=0.05)  # and a half circle of radius 1 at each end


class TestScores:
    def test_an_even_turn_has_neither_distance_nor_unevenness(self) -> None:
        start, turn = angles(350, 20, 200)[:, None], angles(40, -170, 90)[:, None]
        found = score(rays(start + turn * np.linspace(0, 1, 16)))
        assert found.mean_distance < 1e-6
        assert found.smoothness == pytest.approx(0, abs=0.01)
        assert found.without_turn == 0

    def test_a_jump_has_no_distance_but_the_largest_unevenness(self) -> None:
        path = np.where(np.arange(16) < 8, *angles(10, 100))
        found = score(rays(path[None]))
        assert found.mean_distance < 1e-6
        assert found.smoothness == pytest.approx(1 - 1 / 15)

    def test_one_double_step(self) -> None:
        path = angles(0, 10, 20, 40, 50)[None]
        np.testing.assert_allclose(smoothness(path), [20 / 50 - 1 / 4])

    def test_a_path_without_turn_enters_neither_sum_nor_count(self) -> None:
        turning, standing = angles(0, 10, 20, 40), angles(70, 70, 70, 70)
        alone, both = score(rays(turning[None])), score(rays(np.stack([turning, standing])))
        assert math.isnan(smoothness(standing[None])[0])
        assert (both.smoothness, both.without_turn) == (alone.smoothness, 1)

    def test_nothing_but_paths_without_turn(self) -> None:
        assert math.isnan(score(rays(angles(70, 70, 70)[None])).smoothness)

    def test_the_nearest_line_is_found(self) -> None:
        wanted = angles(0, 33.33, 181.7, 359.9)
        distances, found = nearest_lines(2.5 * rays(wanted))
        np.testing.assert_allclose(np.cos(found - wanted), 1, atol=1e-6)
        np.testing.assert_allclose(distances, 0, atol=1e-6)

    def test_blended_pixels_are_no_lines(self) -> None:
        found = score(blended()[:64])
        assert found.mean_distance > 0.005
        assert found.smoothness > 0.5


class TestTwins:
    def test_they_see_the_same_lines_and_differ(self) -> None:
        plain, acai = train_one(3, "vanilla", SMALL), train_one(3, "acai", SMALL)
        assert plain.sound
        assert acai.sound
        assert plain.scores != acai.scores

    def test_the_plain_one_does_not_depend_on_a_critic(self) -> None:
        beside = train_one(3, "vanilla", SMALL.model_copy(update={"critic": True}))
        np.testing.assert_array_equal(beside.example, train_one(3, "vanilla", SMALL).example)

    def test_a_run_repeats_itself(self) -> None:
        np.testing.assert_array_equal(train_one(4, "acai", SMALL).example, train_one(4, "acai", SMALL).example)

    def test_lines_are_new_in_each_epoch_and_not_those_of_the_test(self) -> None:
        (x, alpha), (other, _) = draw(SMALL, 0, 0), draw(SMALL, 0, 1)
        assert x.shape == (5, 64, SIDE**2)
        assert alpha.shape == (5, 32)
        assert not torch.equal(x, other)
        seen = {row.tobytes() for row in x.flatten(0, 1).numpy()}
        assert not seen & {row.tobytes() for row in unseen_pairs().reshape(-1, SIDE**2)}


class TestArms:
    @pytest.mark.parametrize("arm", [arm for arm in ARMS if arm not in TWINS])
    def test_each_is_trained_and_measured(self, arm: str) -> None:
        one = train_one(3, arm, SMALL)
        assert one.sound
        assert one.arm == arm
        assert not np.array_equal(one.example, train_one(3, "vanilla", SMALL).example)

    def test_every_regularizer_is_there_with_codes_that_it_works_with(self) -> None:
        """And with a plain twin that has the same kind of codes."""
        settings = [CONFIG.model_copy(update=arm.settings) for arm in ARMS.values()]
        with_lambda = [one for one in settings if one.lam > 0]
        assert {one.regularizer for one in with_lambda} == set(REGULARIZERS)
        assert all(one.codes in REGULARIZERS[one.regularizer].codes for one in with_lambda)
        assert {one.codes for one in with_lambda} == {one.codes for one in settings if one.lam == 0}

    @pytest.mark.parametrize("codes", ["sphere", "flat"])
    def test_the_middle_of_a_path_lies_between_its_ends_in_the_code_space(self, codes: str) -> None:
        config = SMALL.model_copy(update={"codes": codes})
        autoencoder: Autoencoder = TrainState.start(config, [0], domain=LINES).networks.autoencoder.eval()
        example = measured(autoencoder, 0, "vanilla").example
        with torch.no_grad():
            z1, z2 = autoencoder.encode(torch.from_numpy(unseen_pairs()[:, 0])[None])[0]
            t = torch.tensor(5 / (IMAGES - 1))
            expected = autoencoder.decode(autoencoder.code_space.between(z1, z2, t)[None, None])[0, 0]
        assert example.shape == (IMAGES, SIDE**2)
        np.testing.assert_allclose(example[5], expected, atol=1e-5)

    def test_the_table_has_means_beside_the_papers_numbers(self, pair: verdict.Pair) -> None:
        plain, acai = pair
        vae = replace(plain, arm="vae", reconstruction=0.004)
        made = comparison.table([plain, acai, vae, replace(vae, seed=1, reconstruction=0.006)])
        rows = list(zip(*(column.cells for column in made.columns), strict=True))
        assert [row[0] for row in rows] == ["plain", "ACAI", "VAE, flat codes"]
        assert rows[0][2:] == ("12.00", "0.50", "0.0020", "6.88, 0.44")
        assert rows[2][1:] == (f"{ARMS['vae'].settings['lam']:g}", "12.00", "0.50", "0.0050", "–")
        assert made.title is not None
        assert "2 seeds" in str(made.title)
        assert "6.88 → 0.24" in verdict.PAPER

    def test_a_training_that_diverged_is_told(self, pair: verdict.Pair) -> None:
        plain, _ = pair
        assert comparison.soundness([plain, replace(plain, diverged="a loss is not finite")]).startswith("1 of 2 ")


@pytest.fixture(scope="module")
def pair() -> verdict.Pair:
    """Made-up twins that pass."""
    one = train_one(0, "vanilla", SMALL)
    plain = replace(one, scores=one.scores._replace(mean_distance=0.012, smoothness=0.5), reconstruction=0.002)
    acai = replace(plain, arm="acai", scores=one.scores._replace(mean_distance=0.002, smoothness=0.2))
    return plain, acai


class TestVerdict:
    def test_all_rules_hold(self, pair: verdict.Pair) -> None:
        assert [holds for holds, _ in verdict.rules([pair, pair])] == [True] * 5

    @pytest.mark.parametrize(
        ("rule", "change"),
        [
            (0, {"mean_distance": 0.0041}),
            (1, {"smoothness": 0.6}),
            (3, {"without_turn": 40}),
            (4, {"mean_distance": math.nan}),
        ],
    )
    def test_each_score_counts(self, rule: int, change: dict[str, float], pair: verdict.Pair) -> None:
        plain, acai = pair
        bad = replace(acai, scores=acai.scores._replace(**change))
        assert not verdict.rules([(plain, bad)])[rule][0]

    def test_lines_must_be_reconstructed(self, pair: verdict.Pair) -> None:
        plain, acai = pair
        assert not verdict.rules([pair, (plain, replace(acai, reconstruction=0.02))])[2][0]

    def test_no_training_may_diverge(self, pair: verdict.Pair) -> None:
        plain, acai = pair
        assert not verdict.rules([(plain, replace(acai, diverged="a loss is not finite"))])[4][0]

    def test_smoothness_must_be_lower_in_every_pair(self, pair: verdict.Pair) -> None:
        assert not verdict.rules([pair, pair[::-1]])[1][0]

    def test_what_is_written(self, pair: verdict.Pair, tmp_path: Path) -> None:
        verdict.write(tmp_path, [pair], blended()[0])
        frame = pd.read_parquet(tmp_path / "scores.parquet")
        assert frame["mean_distance"].tolist() == [0.012, 0.002]
        assert frame["arm"].tolist() == ["vanilla", "acai"]
        assert (tmp_path / "paths.png").read_bytes().startswith(b"\x89PNG")


def lines(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "acai_ray.lines", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)


def test_a_mistake_is_told_in_one_sentence() -> None:
    done = lines("--seeds", "0")
    assert done.returncode == 2
    assert done.stderr == "error: --seeds is at least 1 and --first-seed at least 0, but got 0 and 0\n"


def test_a_diverged_training_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = SMALL.model_copy(update={"lr": 1e30, "schedule": "constant"})
    assert not train_one(0, "vanilla", broken).sound


def test_a_study_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "study.json").touch()
    done = lines("--results", str(tmp_path))
    assert done.returncode == 2
    assert "is a study" in done.stderr


@pytest.mark.slow
def test_the_command_tells_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training, "CONFIG", SMALL)
    assert main(["--seeds", "2", "--first-seed", "5", "--results", str(tmp_path)]) == 3
    said = capsys.readouterr().out
    assert "NO   reconstruction error is" in said
    assert "not passed" in said
    assert pd.read_parquet(tmp_path / "lines" / "scores.parquet")["seed"].tolist() == [5, 5, 6, 6]


@pytest.mark.slow
def test_the_other_arms_are_told_and_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training, "CONFIG", SMALL)
    plain, acai = train_one(5, "vanilla", SMALL), train_one(5, "acai", SMALL)
    assert main(["--seeds", "1", "--first-seed", "5", "--arms", "--results", str(tmp_path)]) == 3
    said = capsys.readouterr().out
    for holds, sentence in verdict.rules([(plain, acai)]):
        assert f"{'yes' if holds else 'NO '}  {sentence}" in said
    assert all(arm.title in said for arm in ARMS.values())
    assert "5 of 5 trainings of other arms ended with finite numbers" in said
    assert pd.read_parquet(tmp_path / "lines" / "scores.parquet")["arm"].tolist() == [
        "vanilla",
        "acai",
        *list(ARMS)[2:],
    ]


@pytest.mark.slow
def test_acai_interpolates_better(tmp_path: Path) -> None:
    """One pair of the three that `python -m acai_ray.lines` trains, with half its batches and fewer epochs."""
    shorter = CONFIG.model_copy(update={"batch_size": 64, "epochs": 50})
    ((plain, acai),) = verdict.pairs(train_all([0], shorter))
    assert acai.scores.mean_distance < plain.scores.mean_distance / 2
    assert acai.scores.smoothness < plain.scores.smoothness
    assert max(plain.reconstruction, acai.reconstruction) < verdict.MOST_RECONSTRUCTION
