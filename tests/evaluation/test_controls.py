"""Controls: what the metrics must say of real poses, the mean pose, straight lines, PCA and an untrained network."""

import numpy as np
import pandas as pd
import pytest
import torch

from acai_ray import metrics, store
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.settings import parse
from acai_ray.common.skeleton import POSE_DIM
from acai_ray.common.trial_config import TrialConfig
from acai_ray.evaluation import Evaluation, evaluate, evaluate_control, shrunk
from acai_ray.evaluation.controls import WITHOUT_TRAINING, LinearModel
from acai_ray.evaluation.sample_size import FRACTIONS
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.protocol.controls import CHAOS_LAM, CONTROLS, SHRINKAGE
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.space import Space
from acai_ray.training.checkpoint import Place
from acai_ray.training.state import TrainState
from acai_ray.trials.run_trial import run_trial
from acai_ray.trials.trial import SHRUNK, Trial, from_runs
from acai_ray.trials.trial_end import MemberEnd, TrialEnd
from acai_ray.trials.trial_writer import run_rows
from tests.helpers.evaluations import names, value
from tests.helpers.training import small

SIZES = EvaluationConfig(
    pairs=40,
    transitions=10,
    distance_pairs=8,
    distance_points=3,
    generated=400,
    targets=120,
    critic_draws=50,
    gallery=4,
)
SETTINGS = small(latent_dim=8, width=32)


@pytest.fixture(scope="module")
def yardstick(pose_set) -> Yardstick:
    return Yardstick(pose_set, SIZES)


@pytest.fixture(scope="module")
def found(yardstick) -> dict[str, Evaluation]:
    return {kind: evaluate_control(kind, SETTINGS, yardstick) for kind in WITHOUT_TRAINING}


class TestStraightLines:
    @pytest.mark.parametrize("split", ["", "train_", "test_"])
    @pytest.mark.parametrize("kind", ["linear", "pca"])
    def test_their_paths_are_perfectly_even(self, split, kind, found) -> None:
        for name in ("anci", "anci_median", "smoothness_ratio", "smoothness_ratio_median", "path_energy"):
            assert value(found[kind], split + name) == pytest.approx(1, abs=2e-3), name
        assert value(found[kind], f"{split}anci_variance") == pytest.approx(0, abs=1e-6)

    def test_lines_between_real_poses_reconstruct_exactly_and_shrink_bones(self, found) -> None:
        assert value(found["linear"], "reconstruction_mpjpe_mm") == 0
        assert value(found["linear"], "path_bone_excess_mm") > value(found["linear"], "real_bone_excess_mm") + 1
        assert value(found["linear"], "bone_variation_mm") > 1

    def test_lines_have_no_prior(self, found) -> None:
        assert not any("prior" in name for name in names(found["linear"]))
        assert {row["kind"] for row in found["linear"].gallery} == {"real", "path"}


class TestPca:
    def test_what_it_leaves_is_the_variance_of_the_other_components(self, yardstick) -> None:
        poses = yardstick.augmented
        model = LinearModel.pca(poses, 8)
        left = (poses - model.decode(model.encode(poses))).flatten(1).double()
        variances = torch.linalg.eigvalsh(torch.cov(poses.flatten(1).double().T))
        expected = variances.flip(0)[8:].sum() * (len(poses) - 1) / len(poses)
        assert float((left**2).sum(1).mean()) == pytest.approx(float(expected), rel=1e-4)

    def test_all_components_reconstruct_exactly(self, yardstick) -> None:
        model = LinearModel.pca(yardstick.augmented, POSE_DIM)
        poses = yardstick.poses["test"]
        torch.testing.assert_close(model.decode(model.encode(poses)), poses, atol=1e-6, rtol=0)

    def test_its_samples_have_the_poses_covariance(self, yardstick) -> None:
        model, n = LinearModel.pca(yardstick.augmented, POSE_DIM), 200_000
        samples = model.decode(model.prior_codes(n, torch.Generator().manual_seed(0))).flatten(1)
        expected = torch.cov(yardstick.augmented.flatten(1).T)
        errors = 6 * float(expected.diag().max()) / n**0.5
        torch.testing.assert_close(torch.cov(samples.T), expected, atol=errors, rtol=0)


class TestMean:
    def test_it_is_one_pose(self, found, yardstick) -> None:
        mean = yardstick.augmented.mean(0)
        direct = 1000 * metrics.mpjpe(yardstick.poses["test"], mean.expand(len(yardstick.poses["test"]), -1, -1)).mean()
        assert value(found["mean"], "test_reconstruction_mpjpe_mm") == pytest.approx(float(direct), rel=1e-5)
        assert value(found["mean"], "prior_apd_mpjpe_mm") == pytest.approx(0, abs=1e-3)

    def test_it_covers_nothing_and_has_no_curve(self, found) -> None:
        assert value(found["mean"], "prior_coverage") <= 0.1
        assert found["mean"].curves == []
        assert found["mean"].objective("smoothness_ratio") is None


class TestReal:
    def test_training_poses_are_held_against_others_of_their_own(self, yardstick) -> None:
        held_out = {pose.numpy().tobytes() for pose in yardstick.held_out()}
        targets = {pose.numpy().tobytes() for pose in yardstick.targets["train"]}
        assert not held_out & targets
        assert len(held_out) == SIZES.generated

    def test_a_split_as_small_as_its_targets_is_held_against_itself(self, pose_set) -> None:
        every = Yardstick(pose_set, SIZES.model_copy(update={"targets": 10**6, "generated": 10**6}))
        assert len(every.held_out()) == len(every.poses["train"])

    def test_its_own_split_is_covered_better_than_others(self, found) -> None:
        real = found["real"]
        assert value(real, "train_real_coverage") > 0.8
        assert value(real, "train_real_coverage") > value(real, "test_real_coverage")

    def test_it_gives_the_floors_and_nothing_that_needs_a_model(self, found, yardstick) -> None:
        found_names = names(found["real"])
        assert "train_real_precision_mpjpe_mm" not in found_names  # the poses are among those
        assert {"real_recall_mpjpe_mm", "real_precision_euclidean_m", "mean_distance_euclidean_m"} <= found_names
        assert not any("reconstruction" in name or "anci" in name for name in found_names)
        direct = metrics.nearest_distances(yardstick.targets["test"], yardstick.references["train"], "euclidean").mean()
        assert value(found["real"], "test_mean_distance_plain_euclidean_m") == pytest.approx(float(direct), rel=1e-6)


def test_the_untrained_network_is_the_one_training_starts_from(found, yardstick) -> None:
    networks = TrainState.start(SETTINGS, [0]).networks
    assert found["untrained"] == evaluate(PoseModel.of_member(networks, 0, SETTINGS), yardstick)


def test_each_control_without_training_has_its_function() -> None:
    """And none has one that the protocol does not name."""
    assert list(WITHOUT_TRAINING) == [control.kind for control in CONTROLS if not control.trained]


def test_every_value_is_finite_or_left_out(found) -> None:
    for evaluation in found.values():
        rows = pd.DataFrame(evaluation.metrics)
        assert np.isfinite(rows.loc[rows["n"] > 0, "value"].astype(float)).all()
        assert rows.loc[rows["n"] == 0, "value"].isna().all()


SPACE = {
    "points": [{"latent_dim": 4, "lambda": 0.1}, {"latent_dim": 8, "lambda": 0}, {"latent_dim": 8, "lambda": 0.3}],
    "seeds": 2,
}


class TestShrunk:
    def test_its_poses_are_the_models_nearer_to_the_mean(self, found, yardstick) -> None:
        networks = TrainState.start(SETTINGS, [0]).networks
        model = PoseModel.of_member(networks, 0, SETTINGS)
        smaller = evaluate(shrunk(model, yardstick), yardstick)
        for sampler in ("prior", "path"):
            name = f"{sampler}_apd_mpjpe_mm"
            assert value(smaller, name) == pytest.approx(SHRINKAGE * value(found["untrained"], name), rel=1e-4)
        assert value(smaller, "smoothness_ratio_median") == pytest.approx(
            value(found["untrained"], "smoothness_ratio_median"), rel=1e-3
        )
        assert "critic_auc" not in names(smaller)


class TestPlan:
    @pytest.fixture
    def plan(self) -> Plan:
        plan = Plan(parse(Space, SPACE, "space"))
        plan.add_cells()
        plan.add_controls()
        return plan

    def test_each_latent_size_has_its_own_and_the_pose_space_one_of_each(self, plan) -> None:
        runs = [trial.run_id(seed) for trial in plan.of_phase(Phase.CONTROL) for seed in trial.seeds]
        expected = [f"control-{control.kind}-{POSE_DIM}" for control in CONTROLS if not control.per_latent]
        of_latent = [control.kind for control in CONTROLS if control.per_latent and control.kind != "chaos"]
        for latent_dim in (4, 8):
            expected += [f"control-{kind}-{latent_dim}" for kind in of_latent]
            expected += [f"control-chaos-{latent_dim}-{seed}" for seed in (0, 1)]
        assert sorted(runs) == sorted(expected)
        assert {trial.arm for trial in plan.of_phase(Phase.CONTROL)} == {"control"}

    def test_their_names_do_not_change(self, plan) -> None:
        """A study that goes on finds its controls by these names."""
        kinds = {trial.trial_id: trial.control for trial in plan.of_phase(Phase.CONTROL)}
        assert list(kinds.values())[:7] == ["real", "mean", "linear", "pca", "untrained", "shrunk", "chaos"]
        assert list(kinds)[:2] == ["x00000", "x00001"]

    def test_planning_again_adds_nothing_and_reading_back_gives_the_same(self, plan) -> None:
        assert plan.add_controls() == []
        ends = TrialEnd([MemberEnd(RunStatus.RUNNING)] * 2)
        rows = pd.DataFrame([row for trial in plan.trials.values() for row in run_rows(trial, ends_of(trial, ends))])
        assert {trial.trial_id: trial for trial in from_runs(rows)} == plan.trials
        assert set(store.SCHEMAS["runs"].names) == set(rows.columns)

    def test_the_chaos_twin_differs_from_vanilla_by_a_breath_of_lambda(self, plan) -> None:
        chaos = [trial for trial in plan.of_phase(Phase.CONTROL) if trial.control == "chaos"]
        for trial in chaos:
            twin = plan.twin(trial)
            assert twin is not None
            assert twin.phase != "control"
            assert trial.config == twin.config.model_copy(update={"lam": CHAOS_LAM})
            assert trial.seeds == twin.seeds

    def test_a_control_is_nobodys_twin(self, plan) -> None:
        assert all(trial.phase != "control" for trial in plan._vanilla.values())

    def test_none_are_planned_where_none_are_wanted(self) -> None:
        plan = Plan(parse(Space, {**SPACE, "controls": False}, "space"))
        plan.add_cells()
        assert plan.add_controls() == []


def ends_of(trial: Trial, ends: TrialEnd) -> TrialEnd:
    return TrialEnd(ends.members[: len(trial.seeds)])


class TestRunning:
    def test_one_without_training_is_measured_at_once(self, pose_set, yardstick, found, tmp_path) -> None:
        trial = Trial("x00003", Phase.CONTROL, SETTINGS, (0,), "pca")
        (end,) = run_trial(trial, pose_set, yardstick, Place.at(str(tmp_path)))
        assert end.end is not None
        assert end.end.all_done
        assert {row["run_id"] for row in end.end.tables["metrics"]} == {"control-pca-8"}
        given = [{key: item for key, item in row.items() if key != "run_id"} for row in end.end.tables["metrics"]]
        assert given == found["pca"].metrics
        assert list(tmp_path.iterdir()) == []

    def test_the_shrunk_one_is_the_vanilla_run_of_its_seed(self, pose_set, yardstick, tmp_path) -> None:
        config = SETTINGS.model_copy(update={"epochs": 1, "lam": 0.0})
        ends = {}
        for control in (SHRUNK, ""):
            trial = Trial(f"x{len(control):05d}", Phase.CONTROL if control else Phase.BASELINE, config, (0,), control)
            place = Place.at(str(tmp_path / trial.trial_id))
            *_, last = run_trial(trial, pose_set, yardstick, place)
            assert last.end is not None
            ends[control] = pd.DataFrame(last.end.tables["metrics"]).query("metric == 'apd' and sampler == 'prior'")
        assert set(ends[SHRUNK]["run_id"]) == {"control-shrunk-8"}
        np.testing.assert_allclose(ends[SHRUNK]["value"], SHRINKAGE * ends[""]["value"], rtol=1e-4)

    def test_chaos_is_trained_and_its_first_seed_measured_at_smaller_sizes(self, pose_set, yardstick, tmp_path) -> None:
        config = TrialConfig.model_validate({**SETTINGS.model_dump(), "lam": CHAOS_LAM, "epochs": 1})
        trial = Trial("x00004", Phase.CONTROL, config, (0, 1), "chaos")
        *_, last = run_trial(trial, pose_set, yardstick, Place.at(str(tmp_path)))
        assert last.end is not None
        rows = pd.DataFrame(last.end.tables["sensitivity"])
        assert set(rows["run_id"]) == {"control-chaos-8-0"}
        assert set(rows["split"]) == {"test"}
        large_enough = [f for f in FRACTIONS if int(SIZES.targets * f) > SIZES.most_neighbours]
        assert sorted(set(rows["fraction"])) == [*large_enough, 1.0]
        coverage = rows[(rows["metric"] == "coverage") & (rows["sampler"] == "path")].set_index("fraction")
        assert coverage["n"].to_dict() == {f: int(SIZES.targets * f) for f in (*large_enough, 1.0)}
        whole = pd.DataFrame(last.end.tables["metrics"]).query("run_id == 'control-chaos-8-0' and split == 'test'")
        same = rows[rows["fraction"] == 1].drop(columns="fraction")
        pd.testing.assert_frame_equal(same[whole.columns].reset_index(drop=True), whole.reset_index(drop=True))
