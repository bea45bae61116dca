"""Controls beside each latent size, and metrics by sample size."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from acai_ray import store
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.compare.controls import controls
from acai_ray.analysis.compare.sensitivity import sensitivity
from acai_ray.protocol.controls import BY_KIND
from acai_ray.protocol.primary import parse_margins
from tests.helpers.study_factory import Trial, build

PCA = {"reconstruction_mpjpe_mm": [2.0]}


def metric_row(run_id: str, sampler: str, value: float, **more: Any) -> dict[str, Any]:
    row = {"run_id": run_id, "split": "test", "metric": "coverage", "sampler": sampler, "distance": "none"}
    row |= {"statistic": "value", "value": value, "unit": "1", "n": 100, "n_reference": 100, "n_left_out": 0}
    return row | more


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    trials = [Trial(f"g{d}{lam}", "grid", lam, [0, 1], latent_dim=d) for d in (8, 16) for lam in (0.0, 0.1)]
    trials += [
        Trial(f"x{d}{kind}", "control", 0.0, [0], latent_dim=d, control=kind, differences=PCA)
        for d in (8, 16)
        for kind in ("untrained", "pca")
    ]
    trials += [Trial("x00", "control", 0.0, [0], latent_dim=51, control="real")]
    trials += [Trial("x01", "control", 1e-6, [0, 1], latent_dim=16, control="chaos")]
    build(tmp_path, trials)
    store.write(tmp_path, "metrics", "x00", [metric_row("x00-0", "real", 0.97)])
    sizes = [metric_row("x01-0", "path", value, fraction=share) for share, value in ((0.5, 0.4), (1.0, 0.8))]
    sizes += [metric_row("x01-0", "path", 0.1, fraction=1.0, n_reference=10)]
    store.write(tmp_path, "sensitivity", "x01", sizes)
    return analyse(store.load(tmp_path), parse_margins([]))


def test_each_latent_size_has_its_controls_and_those_of_the_pose_space(analysis: Analysis) -> None:
    found = controls(analysis)
    names = {size: list(rows["control"]) for size, rows in found.groupby("latent_dim")}
    assert names == {8: ["real", "pca", "untrained"], 16: ["real", "pca", "untrained", "chaos"]}
    assert list(found["label"]) == [BY_KIND[kind].label for kind in found["control"]]
    assert found.set_index(["latent_dim", "control"])["runs"][(16, "chaos")] == 2


def test_values_are_means_over_the_controls_runs(analysis: Analysis) -> None:
    runs = analysis.summary.query("control == 'chaos'")["test_reconstruction_mpjpe_mm"]
    found = controls(analysis).set_index(["latent_dim", "control"])["test_reconstruction_mpjpe_mm"]
    assert found[(16, "chaos")] == pytest.approx(runs.mean())


def test_real_poses_stand_where_generated_ones_do(analysis: Analysis) -> None:
    found = controls(analysis).set_index(["latent_dim", "control"])
    assert found.loc[(8, "real"), "test_path_coverage"] == 0.97
    assert found.loc[(8, "pca"), "test_path_coverage"] != 0.97


def test_a_study_without_controls_has_none(tmp_path: Path) -> None:
    build(tmp_path, [Trial("g0", "grid", 0.0, [0]), Trial("g1", "grid", 0.1, [0])])
    analysis = analyse(store.load(tmp_path), parse_margins([]))
    assert controls(analysis).empty
    assert sensitivity(analysis).empty


def test_values_at_smaller_sizes_are_relative_to_the_full_ones(analysis: Analysis) -> None:
    expected = pd.DataFrame(
        {
            "latent_dim": [16, 16],
            "split": ["test", "test"],
            "metric": ["path_coverage", "path_coverage"],
            "fraction": [0.5, 1.0],
            "n": [100, 100],
            "n_reference": [100, 100],
            "value": [0.4, 0.8],
            "relative": [0.5, 1.0],
        }
    )
    pd.testing.assert_frame_equal(sensitivity(analysis), expected)
