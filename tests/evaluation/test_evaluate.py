"""Evaluation: closed forms on a model of a circle, fixed draws, and rows that fit the store."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from acai_ray import metrics, store
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.files import write_json
from acai_ray.common.randomness import Purpose, generator
from acai_ray.evaluation import Evaluation, evaluate
from acai_ray.evaluation.samples import RECALL_SIZES
from acai_ray.evaluation.streams import Stream
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.latent import CODE_SPACES
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.poses.splits import SPLITS
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.store import metric_name
from acai_ray.sweep.space import DEFAULT_OBJECTIVES
from acai_ray.training.state import TrainState
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import MemberEnd, TrialEnd
from acai_ray.trials.trial_writer import run_rows
from tests.helpers.training import small, trained

KEYS = ("split", "sampler", "metric", "distance", "statistic", "unit")
SIZES = EvaluationConfig(
    pairs=30,
    transitions=10,
    distance_pairs=8,
    distance_points=3,
    generated=3000,
    targets=120,
    critic_draws=400,
    gallery=8,
)


@pytest.fixture(scope="module")
def yardstick(pose_set) -> Yardstick:
    return Yardstick(pose_set, SIZES)


@pytest.fixture(scope="module")
def model(pose_set) -> PoseModel:
    state = trained(small(latent_dim=8, width=32, epochs=2, steps_per_epoch=30), [0], pose_set)
    return PoseModel.of_member(state.networks, 0, state.config)


@pytest.fixture(scope="module")
def evaluation(model, yardstick) -> Evaluation:
    return evaluate(model, yardstick)


def frame(evaluation: Evaluation) -> pd.DataFrame:
    return pd.DataFrame(evaluation.metrics).assign(name=lambda f: [metric_name(*k) for k in f[list(KEYS)].values])


def of_size(latent_dim: int) -> PoseModel:
    config = small(latent_dim=latent_dim)
    return PoseModel.of_member(TrainState.start(config, [0]).networks, 0, config)


def value(evaluation: Evaluation, name: str) -> float:
    found = evaluation.objective(name)
    assert found is not None, name
    return found


class TestCircle:
    """Poses on a circle and a model that knows it: everything has a closed form."""

    RADIUS, N = 0.2, 360

    class Circle:
        """The right wrist (a leaf) goes round in the image plane; the code is its direction."""

        latent_dim, spherical = 2, True
        code_space = CODE_SPACES["sphere"]
        between, prior_codes = PoseModel.between, PoseModel.prior_codes

        def __init__(self, standing: torch.Tensor) -> None:
            self.standing = standing

        def encode(self, poses: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.normalize((poses - self.standing)[:, 16, :2], dim=-1)

        def decode(self, codes: torch.Tensor) -> torch.Tensor:
            poses = self.standing.repeat(len(codes), 1, 1)
            poses[:, 16, :2] += TestCircle.RADIUS * codes
            return poses

    @pytest.fixture(scope="class")
    @classmethod
    def measured(cls, pose_set) -> Evaluation:
        standing = torch.tensor(pose_set.poses[0])
        model = cls.Circle(standing)
        angle = torch.arange(cls.N, dtype=torch.float64) * 2 * math.pi / cls.N
        poses = model.decode(torch.stack((angle.cos(), angle.sin()), 1).float()).numpy()
        splits = np.array(["train", "valid", "test"])[np.arange(cls.N) % 3]
        columns = {name: pd.Categorical(splits) for name in ("subject", "action", "sequence", "camera", "split")}
        data = PoseSet(poses, pd.DataFrame({**columns, "frame": np.arange(cls.N)}), "circle")
        sizes = EvaluationConfig(pairs=400, transitions=100, generated=2000, targets=120, critic_draws=20_000)
        return evaluate(model, Yardstick(data, sizes))

    @pytest.mark.parametrize("split", ["", "train_", "test_"])
    def test_a_path_on_the_circle_is_even(self, split, measured) -> None:
        for name in ("smoothness_ratio", "path_energy"):
            for statistic in ("", "_median"):
                assert value(measured, f"{split}{name}{statistic}") == pytest.approx(1, abs=2e-3)
        assert value(measured, f"{split}anci_variance") == pytest.approx(0, abs=1e-5)

    def test_anci_is_arc_over_chord(self, measured, pose_set) -> None:
        """For even angles θ in (0, π) the mean of T sin(θ/2T)/sin(θ/2), over the angles that pairs of a split have."""
        theta = torch.arange(1, 60, dtype=torch.float64) * 6 / 2 * math.pi / 180  # a split has a pose every 3°
        expected = (100 * (theta / 200).sin() / (theta / 2).sin()).mean()
        assert value(measured, "anci") == pytest.approx(float(expected), rel=0.05)
        assert float(expected) > 1.1

    def test_it_reconstructs_and_covers(self, measured) -> None:
        for split in ("", "train_", "test_"):
            assert value(measured, f"{split}reconstruction_mpjpe_mm") == pytest.approx(0, abs=1e-4)
            for sampler in ("prior", "path"):
                assert value(measured, f"{split}{sampler}_coverage") == 1
                # a ball of k = 5 reaches 9°, three gaps either way: 6 of them hold a pose
                assert value(measured, f"{split}{sampler}_density") == pytest.approx(6 / 5, rel=0.01)

    def test_nearest_distances_are_chords_within_half_a_gap(self, measured) -> None:
        half_gap = math.radians(1.5)  # a split has a pose every 3°; uniform codes lie up to half of that from one
        mean = 2 * self.RADIUS * (1 - math.cos(half_gap / 2)) / half_gap * 2
        assert value(measured, "prior_precision_euclidean_m") == pytest.approx(mean, rel=0.2)
        ratio = value(measured, "prior_precision_mpjpe_mm") / value(measured, "prior_precision_euclidean_m")
        assert ratio == pytest.approx(1000 / 17, rel=1e-5)  # one joint of 17 moves
        assert value(measured, "prior_recall_euclidean_m") < mean / 5

    def test_codes_fill_the_circle(self, measured) -> None:
        assert value(measured, "code_resultant_length") == pytest.approx(0, abs=1e-5)
        assert value(measured, "code_participation_ratio") == pytest.approx(2, abs=1e-4)

    def test_bones_other_than_the_moved_one_never_leave_their_range(self, measured) -> None:
        assert value(measured, "real_bone_excess_mm") == pytest.approx(0, abs=0.05)
        assert value(measured, "path_bone_excess_mm") == pytest.approx(0, abs=0.1)


class TestDraws:
    """Every model is measured on the same draws."""

    def test_180000_prior_codes_are_distinct(self, pose_set) -> None:
        codes = Yardstick(pose_set, EvaluationConfig(pairs=1)).prior_codes(of_size(8))
        assert codes.shape == (180_000, 8)
        torch.testing.assert_close(codes.norm(dim=-1), torch.ones(180_000))
        rows = np.ascontiguousarray(codes.numpy()).view("V32").ravel()
        assert len(np.unique(rows)) == 180_000

    def test_they_depend_on_data_latent_size_and_evaluation_seed_alone(self, pose_set, yardstick) -> None:
        again = Yardstick(pose_set, SIZES)
        again.prior_codes(of_size(3))  # drawing something else changes nothing
        other = Yardstick(pose_set, SIZES.model_copy(update={"seed": 1}))
        assert torch.equal(again.prior_codes(of_size(8)), yardstick.prior_codes(of_size(8)))
        assert not torch.equal(other.prior_codes(of_size(8)), yardstick.prior_codes(of_size(8)))
        for split in yardstick.splits:
            for mine, same, changed in zip(yardstick.pairs[split], again.pairs[split], other.pairs[split], strict=True):
                assert torch.equal(mine, same)
                assert not torch.equal(mine, changed)
            assert torch.equal(yardstick.targets[split], again.targets[split])
            assert not torch.equal(yardstick.targets[split], other.targets[split])
        assert torch.equal(yardstick.augmented, again.augmented)

    def test_more_of_something_begins_with_the_same(self, pose_set, yardstick) -> None:
        more = Yardstick(pose_set, SIZES.model_copy(update={"targets": 150, "generated": 4000}))
        assert torch.equal(more.targets["train"][:120], yardstick.targets["train"])
        assert torch.equal(more.pairs["test"][0], yardstick.pairs["test"][0])

    def test_the_numbers_of_the_streams_never_change(self) -> None:
        """They are part of each stream's key: with another one, all studies would be measured on other draws."""
        names = ("TARGETS", "PAIRS", "AUGMENTATION", "PRIOR", "PATHS", "REGULARIZER", "HELD_OUT", "PERSON")
        numbers = {name: number for number, name in enumerate(names)} | {"INSTANTS": 8, "NOISE": 9, "RUNG": 10}
        assert {stream.name: int(stream) for stream in Stream} == numbers

    def test_a_stream_is_that_of_its_number(self, yardstick) -> None:
        drawn = yardstick.rng_of_split(Stream.REGULARIZER, "valid").random(3)
        again = generator(SIZES.seed, Purpose.EVALUATION, 5, SPLITS.index("valid")).random(3)
        assert drawn.tolist() == again.tolist()

    def test_targets_are_different_real_poses_and_pairs_never_a_pose_with_itself(self, yardstick) -> None:
        for split in yardstick.splits:
            known = {pose.numpy().tobytes() for pose in yardstick.poses[split]}
            targets = [pose.numpy().tobytes() for pose in yardstick.targets[split]]
            assert len(targets) == len(set(targets)) == 120
            assert set(targets) <= known
            assert (metrics.mpjpe(*yardstick.pairs[split]) > 0).all()

    def test_evaluating_twice_gives_the_same_rows(self, model, yardstick, evaluation) -> None:
        assert evaluate(model, yardstick) == evaluation

    def test_the_augmented_reference_has_the_training_poses_depths(self, yardstick) -> None:
        augmented, plain = yardstick.augmented[:, :9, 2], yardstick.poses["train"][:, :9, 2]
        same = (augmented[:, [0, 7, 8]] == plain[:, [0, 7, 8]]).all()  # joints a flip leaves in place
        assert same
        assert not torch.equal(yardstick.augmented, yardstick.poses["train"])

    def test_targets_are_all_poses_where_there_are_fewer(self, pose_set) -> None:
        everything = Yardstick(pose_set, SIZES.model_copy(update={"targets": 1000}))
        assert [len(everything.targets[split]) for split in everything.splits] == [600, 209, 160]


class TestRows:
    """What a reader of the tables relies on."""

    def test_every_split_is_there(self, evaluation) -> None:
        by_split = {split: set(rows["metric"]) for split, rows in frame(evaluation).groupby("split")}
        assert set(by_split) == {"train", "valid", "test"}
        assert by_split["valid"] == by_split["test"]
        assert by_split["valid"] ^ by_split["train"] == {"precision_plain", "realism_auc"}

    def test_a_missing_split_is_left_out(self, model, pose_set_without_valid) -> None:
        found = frame(evaluate(model, Yardstick(pose_set_without_valid, SIZES)))
        assert set(found["split"]) == {"train", "test"}

    def test_names_are_unique_but_for_the_size_of_the_reference(self, evaluation) -> None:
        rows = frame(evaluation)
        assert not rows.duplicated(["name", "n_reference"]).any()
        assert set(rows[rows.duplicated("name")]["metric"]) == {"recall"}
        assert not rows.duplicated([*KEYS, "n_reference"]).any()

    def test_nothing_is_nan(self, evaluation) -> None:
        assert np.isfinite(frame(evaluation)["value"]).all()
        assert all(math.isfinite(row[name]) for row in evaluation.curves for name in ("mean", "median", "variance"))

    def test_every_default_objective_is_found(self, evaluation) -> None:
        for name in DEFAULT_OBJECTIVES:
            assert math.isfinite(value(evaluation, name))
        assert evaluation.objective("nonsense") is None

    RUN = run_rows(Trial("s00000", Phase.SEARCH, small(latent_dim=8), (0,)), TrialEnd([MemberEnd(RunStatus.DONE)]))

    def test_the_store_takes_them_and_gives_them_back(self, evaluation, tmp_path) -> None:
        write_json(tmp_path / "study.json", {})
        store.write(tmp_path, "runs", "s00000", self.RUN)
        for table in ("metrics", "curves", "subjects", "gallery"):
            rows = [{"run_id": "s00000-0", **row} for row in getattr(evaluation, table)]
            store.write(tmp_path, table, "s00000", rows)
            back = store.read(tmp_path, table, "s00000")
            assert len(back) == len(rows)
            assert list(back.columns) == store.SCHEMAS[table].names
        results = store.load(tmp_path)
        assert not results.damaged
        assert results.metrics["value"].tolist() == [row["value"] for row in evaluation.metrics]

    def test_an_objective_is_the_column_of_the_summary(self, evaluation, tmp_path) -> None:
        write_json(tmp_path / "study.json", {})
        store.write(tmp_path, "metrics", "s00000", [{"run_id": "s00000-0", **row} for row in evaluation.metrics])
        store.write(tmp_path, "runs", "s00000", self.RUN)
        summary = store.load(tmp_path).summary()
        for name in (*DEFAULT_OBJECTIVES, "prior_recall_mpjpe_mm", "test_smoothness_ratio_median"):
            assert summary[name].tolist() == [value(evaluation, name)]

    def test_units_go_with_distances(self, evaluation) -> None:
        rows = frame(evaluation)
        assert set(rows["unit"]) <= {"mm", "m", "mm2", "m2", "1"}
        varied = rows["statistic"] == "variance"
        assert set(rows[(rows["distance"] == "mpjpe") & ~varied]["unit"]) == {"mm"}
        assert set(rows[(rows["distance"] == "mpjpe") & varied]["unit"]) == {"mm2"}
        assert set(rows[(rows["distance"] == "euclidean") & ~varied]["unit"]) == {"m"}
        assert set(rows[(rows["distance"] == "euclidean") & varied]["unit"]) == {"m2"}


class TestNumbers:
    """Rows against the metrics they come from."""

    def test_reconstruction_is_that_of_all_poses(self, model, evaluation, pose_set) -> None:
        for split, prefix in (("train", "train_"), ("valid", ""), ("test", "test_")):
            x = pose_set.split(split).poses
            x_hat = model.decode(model.encode(x))
            mm, m = 1000 * metrics.mpjpe(x, x_hat), metrics.euclidean(x, x_hat)
            assert value(evaluation, f"{prefix}reconstruction_mpjpe_mm") == pytest.approx(float(mm.mean()), rel=1e-5)
            assert value(evaluation, f"{prefix}reconstruction_mpjpe_mm_median") == pytest.approx(
                float(mm.quantile(0.5))
            )
            variance = value(evaluation, f"{prefix}reconstruction_euclidean_m_variance")
            assert variance == pytest.approx(float(m.var()), rel=1e-4)

    @pytest.mark.parametrize("distance", ["mpjpe", "euclidean"])
    def test_recall_falls_with_the_number_generated(self, distance, model, yardstick, evaluation) -> None:
        rows = frame(evaluation).query(
            f"metric == 'recall' and sampler == 'prior' and distance == '{distance}' and statistic == 'mean'"
        )
        generated = model.decode(yardstick.prior_codes(of_size(8)))
        assert RECALL_SIZES[0] == 1_024
        for split, series in rows.groupby("split"):
            series = series.sort_values("n_reference")
            assert series["n_reference"].tolist() == [1_024, 3_000]
            assert series["value"].is_monotonic_decreasing
            for size, found in zip(series["n_reference"], series["value"], strict=True):
                direct = metrics.nearest_distances(yardstick.targets[split], generated[:size], distance).mean()
                assert found == pytest.approx(float(direct) * (1000 if distance == "mpjpe" else 1), rel=1e-5)

    def test_the_full_recall_is_the_objective(self, evaluation) -> None:
        rows = frame(evaluation).query("name == 'prior_recall_mpjpe_mm'")
        assert value(evaluation, "prior_recall_mpjpe_mm") == rows["value"].min()

    def test_precision_has_the_augmented_training_set_as_reference(self, model, yardstick, evaluation) -> None:
        some = model.decode(yardstick.prior_codes(of_size(8))[:120])
        for name, reference in (("precision", yardstick.augmented), ("precision_plain", yardstick.poses["train"])):
            expected = 1000 * float(metrics.nearest_distances(some, reference).mean())
            assert value(evaluation, f"train_prior_{name}_mpjpe_mm") == pytest.approx(expected, rel=1e-5)
        expected = 1000 * float(metrics.nearest_distances(some, yardstick.poses["test"]).mean())
        assert value(evaluation, "test_prior_precision_mpjpe_mm") == pytest.approx(expected, rel=1e-5)

    def test_coverage_takes_as_many_generated_as_real(self, model, yardstick, evaluation) -> None:
        targets, some = yardstick.targets["test"], model.decode(yardstick.prior_codes(of_size(8))[:120])
        density, coverage = metrics.density_coverage(targets, some, k=5)
        assert value(evaluation, "test_prior_density") == pytest.approx(float(density))
        assert value(evaluation, "test_prior_coverage") == pytest.approx(float(coverage))
        row = frame(evaluation).query("name == 'test_prior_coverage'").iloc[0]
        assert row["n"] == row["n_reference"] == 120

    def test_curves_and_smoothness_are_those_of_the_models_paths(self, model, yardstick, evaluation) -> None:
        curve = metrics.transition_curve(model.interpolate(*yardstick.pairs["test"], SIZES.transitions))
        rows = [row for row in evaluation.curves if row["split"] == "test"]
        assert [row["t"] for row in rows] == list(range(1, 11))
        assert [row["mean"] for row in rows] == pytest.approx(curve.mean(0).tolist(), rel=1e-3)
        assert [row["n"] for row in rows] == [30] * 10
        assert value(evaluation, "test_anci") == pytest.approx(float(metrics.anci(curve)), rel=1e-4)
        ratio = metrics.smoothness_ratio(curve).quantile(0.5)
        assert value(evaluation, "test_smoothness_ratio_median") == pytest.approx(float(ratio), rel=1e-2)

    def test_real_poses_have_little_bone_excess(self, evaluation) -> None:
        assert value(evaluation, "train_real_bone_excess_mm") < 0.5
        assert value(evaluation, "train_real_bone_excess_mm") < value(evaluation, "train_prior_bone_excess_mm")

    def test_the_gallery_holds_real_sampled_and_path_poses(self, model, yardstick, evaluation) -> None:
        kinds = pd.DataFrame(evaluation.gallery).groupby("kind")["index"].agg(["size", "nunique"])
        assert kinds["nunique"].to_dict() == {"real": 8, "sample": 8, "path": 2}
        assert kinds["size"].to_dict() == {"real": 8, "sample": 8, "path": 18}
        assert all(len(row["pose"]) == 51 for row in evaluation.gallery)
        sample = next(row["pose"] for row in evaluation.gallery if row["kind"] == "sample")
        expected = model.decode(yardstick.prior_codes(of_size(8))[:1]).flatten().tolist()
        assert sample == pytest.approx(expected, abs=1e-5)


class TestSets:
    """What the rows of sets, paths and people say is what the metric functions give for the model's own poses."""

    @pytest.fixture(scope="class")
    @classmethod
    def generated(cls, model, yardstick) -> dict[str, torch.Tensor]:
        with torch.no_grad():
            codes = model.encode(yardstick.poses["train"])
            prior = model.decode(yardstick.prior_codes(model))
            return {"prior": prior, "path": model.decode(yardstick.path_codes(model, codes, SIZES.generated, "train"))}

    @pytest.mark.parametrize("split", ["valid", "train", "test"])
    @pytest.mark.parametrize("sampler", ["prior", "path"])
    def test_sets_are_compared_with_as_many_real_poses(self, split, sampler, generated, yardstick, evaluation) -> None:
        real = yardstick.targets[split]
        fake = generated[sampler][: len(real)]
        prefix = ("" if split == "valid" else f"{split}_") + f"{sampler}_"
        precision, recall = metrics.precision_recall(real, fake, k=3)
        assert value(evaluation, f"{prefix}improved_precision") == pytest.approx(float(precision), abs=0.02)
        assert value(evaluation, f"{prefix}improved_recall") == pytest.approx(float(recall), abs=0.02)
        expected = float(metrics.frechet_distance(fake, real))
        assert value(evaluation, f"{prefix}frechet_m2") == pytest.approx(expected, rel=1e-4)
        (row,) = [r for r in evaluation.metrics if metric_name(*(r[k] for k in KEYS)) == f"{prefix}frechet_m2"]
        assert (row["n"], row["n_reference"]) == (len(real), len(fake))

    def test_apd_stands_beside_the_real_poses_own(self, generated, yardstick, evaluation) -> None:
        for sampler, poses in {**generated, "real": yardstick.targets["test"]}.items():
            some = poses[: min(500, SIZES.targets)]
            pairs = metrics.mpjpe(some[:, None], some[None])
            expected = 1000 * float(pairs.sum() / (len(some) * (len(some) - 1)))
            assert value(evaluation, f"test_{sampler}_apd_mpjpe_mm") == pytest.approx(expected, rel=1e-4)

    def test_alignment_never_makes_a_reconstruction_worse(self, model, yardstick, evaluation) -> None:
        poses = yardstick.poses["valid"]
        decoded = model.decode(model.encode(poses))
        expected = 1000 * float(metrics.pa_mpjpe(decoded, poses).mean())
        assert value(evaluation, "pa_reconstruction_mpjpe_mm") == pytest.approx(expected, rel=1e-4)
        assert expected < value(evaluation, "reconstruction_mpjpe_mm")

    def test_bones_vary_along_paths_and_differ_from_side_to_side(self, model, yardstick, evaluation) -> None:
        paths = model.interpolate(*yardstick.pairs["test"], steps=SIZES.transitions)
        expected = 1000 * float(metrics.bone_variation(paths).mean())
        assert value(evaluation, "test_bone_variation_mm") == pytest.approx(expected, rel=1e-3)
        real = 1000 * float(metrics.bone_asymmetry(yardstick.targets["test"]).mean())
        assert value(evaluation, "test_real_bone_asymmetry_mm") == pytest.approx(real, rel=1e-4)


class TestEdges:
    """Models that are degenerate are measured, or say why not."""

    def constant(self, model: PoseModel) -> Any:
        """A collapsed decoder: always the same pose, and codes that are all equal."""
        pose = model.decode(torch.eye(8)[:1])
        return SimpleNamespace(
            latent_dim=8,
            spherical=True,
            config=model.config,
            between=model.between,
            prior_codes=model.prior_codes,
            encode=lambda poses: torch.eye(8)[:1].expand(len(poses), -1),
            decode=lambda codes: pose.expand(len(codes), -1, -1),
        )

    def test_a_collapsed_model_has_no_curve_and_no_nan(self, model, yardstick) -> None:
        collapsed = evaluate(self.constant(model), yardstick)
        assert collapsed.curves == []
        rows = frame(collapsed)
        undefined = rows[rows["n"] == 0]
        assert set(undefined["metric"]) == {"smoothness_ratio", "path_energy"}
        assert undefined["value"].isna().all()
        assert (undefined["n_left_out"] == SIZES.pairs).all()
        assert np.isfinite(rows.loc[rows["n"] > 0, "value"].astype(float)).all()
        assert collapsed.objective("smoothness_ratio") is None
        assert value(collapsed, "path_coverage") <= 0.05

    def test_without_critic_there_are_no_critic_rows(self, pose_set, yardstick) -> None:
        state = trained(small(lam=0, critic=False, epochs=1), [0], pose_set)
        rows = frame(evaluate(PoseModel.of_member(state.networks, 0, state.config), yardstick))
        assert not rows["metric"].str.startswith("critic").any()

    def test_poses_are_not_changed(self, pose_set, model) -> None:
        before = pose_set.fingerprint
        frozen = replace(pose_set, poses=pose_set.poses.copy())
        frozen.poses.flags.writeable = False
        evaluate(model, Yardstick(frozen, SIZES))
        assert frozen.fingerprint == before
