"""The metrics of use: how models fill gaps, take noise off and pass for real, with closed forms and controls."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from acai_ray import metrics, poses
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.skeleton import POSE_DIM
from acai_ray.evaluation import Evaluation, evaluate, evaluate_control
from acai_ray.evaluation.controls import LinearModel, ShrunkModel
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.poses.index import concatenate, index_of, named
from acai_ray.poses.splits import SPLITS
from tests.helpers.evaluations import names, value
from tests.helpers.training import small, trained

SIZES = EvaluationConfig(
    pairs=20,
    transitions=8,
    distance_pairs=4,
    distance_points=2,
    generated=500,
    targets=200,
    critic_draws=50,
    gallery=2,
)
LINES = LinearModel(torch.zeros(POSE_DIM), torch.eye(POSE_DIM), None)
"""Every pose is its own code, and paths are straight lines."""


@pytest.fixture(scope="module")
def people() -> PoseSet:
    return poses.load("synthetic", views=1)


@pytest.fixture(scope="module")
def yardstick(people) -> Yardstick:
    return Yardstick(people, SIZES)


@pytest.fixture(scope="module")
def lines(yardstick) -> Evaluation:
    return evaluate(LINES, yardstick)


@pytest.fixture(scope="module")
def model(people) -> PoseModel:
    state = trained(small(latent_dim=8, width=32, epochs=2, steps_per_epoch=30), [0], people)
    return PoseModel.of_member(state.networks, 0, state.config)


@pytest.fixture(scope="module")
def measured(model, yardstick) -> Evaluation:
    return evaluate(model, yardstick)


def test_they_are_all_there_under_their_names(measured) -> None:
    sizes = ("20mm", "50mm", "100mm")
    expected = {f"denoising_{size}_mpjpe_mm" for size in sizes} | {f"inbetween_{gap}ms_mpjpe_mm" for gap in (500, 1000)}
    expected |= {"path_even_bone_excess_mm", "path_on_the_way_bone_excess_mm"}
    expected |= {"path_realism_auc", "reconstructed_realism_auc"}
    assert expected <= names(measured)
    assert {f"test_{name}" for name in expected} <= names(measured)


class TestInbetween:
    def test_lines_fill_the_gaps_of_motion_at_constant_speed(self) -> None:
        """Each part has a recording in which every joint goes its own straight way."""
        standing = poses.load("synthetic", views=1).poses[0]
        speed = np.random.default_rng(0).normal(scale=0.01, size=(3, 1, 17, 3)).astype(np.float32)
        moving = standing + speed * np.arange(30, dtype=np.float32)[:, None, None]
        index = concatenate([index_of(30, subject=split, sequence="glide") for split in SPLITS])
        index["split"] = named(np.repeat([0, 1, 2], 30), SPLITS)
        gliding = PoseSet(moving.reshape(-1, 17, 3), index, "gliding", fps=10)
        found = evaluate(LINES, Yardstick(gliding, SIZES))
        for split in ("", "train_", "test_"):
            for gap in (500, 1000):
                assert value(found, f"{split}inbetween_{gap}ms_mpjpe_mm") == pytest.approx(0, abs=1e-3)
        counts = {row["metric"]: row["n"] for row in found.metrics if row["split"] == "test"}
        assert (counts["inbetween_500ms"], counts["inbetween_1000ms"]) == (20, 10)

    @pytest.mark.parametrize("gap", [500, 1000])
    def test_it_is_the_distance_to_the_pose_between(self, gap, model, yardstick, measured, lines) -> None:
        rows = yardstick.instants("test", gap / 1000)
        before, between, after = yardstick.poses["test"][rows].unbind(1)
        direct = metrics.mpjpe((before + after) / 2, between).mean()
        assert value(lines, f"test_inbetween_{gap}ms_mpjpe_mm") == pytest.approx(1000 * float(direct), rel=1e-4)
        halfway = model.decode(model.between(model.encode(before), model.encode(after), torch.tensor(0.5)))
        direct = metrics.mpjpe(halfway, between).mean()
        assert value(measured, f"test_inbetween_{gap}ms_mpjpe_mm") == pytest.approx(1000 * float(direct), rel=1e-4)

    def test_a_longer_gap_is_harder_for_lines(self, lines) -> None:
        assert value(lines, "test_inbetween_1000ms_mpjpe_mm") > value(lines, "test_inbetween_500ms_mpjpe_mm") > 1

    def test_without_a_rate_it_is_absent(self, people) -> None:
        found = evaluate(LINES, Yardstick(replace(people, fps=None), SIZES), splits=["test"])
        assert not any("inbetween" in name for name in names(found))

    def test_gaps_that_no_recording_has_are_absent(self, people) -> None:
        few = people.index.groupby(["subject", "sequence"], observed=True).cumcount() < 15
        short = replace(people, poses=people.poses[few], index=people.index[few].reset_index(drop=True))
        found = names(evaluate(LINES, Yardstick(short, SIZES), splits=["test"]))
        assert "test_inbetween_500ms_mpjpe_mm" in found
        assert "test_inbetween_1000ms_mpjpe_mm" not in found

    def test_the_order_of_people_does_not_matter(self, people, yardstick) -> None:
        index = people.index
        keys = [-index["subject"].cat.codes.to_numpy(), index["split"].cat.codes.to_numpy()]
        order = np.lexsort(keys)
        mixed = replace(people, poses=people.poses[order], index=index.iloc[order].reset_index(drop=True))
        other = Yardstick(mixed, SIZES)
        assert not torch.equal(other.poses["train"], yardstick.poses["train"])
        for split in people.splits:
            mine, theirs = (one.poses[split][one.instants(split, 0.5)] for one in (yardstick, other))
            assert torch.equal(mine, theirs)


class TestDenoising:
    def test_who_gives_back_what_it_gets_leaves_the_whole_noise(self, lines, yardstick) -> None:
        own = float(metrics.mpjpe(yardstick.noise("test"), torch.zeros(17, 3)).mean())
        assert own == pytest.approx(16 / 17 * (8 / 3 / np.pi) ** 0.5, rel=0.02)
        for size in (20, 50, 100):
            assert value(lines, f"test_denoising_{size}mm_mpjpe_mm") == pytest.approx(size * own, rel=1e-4)

    def test_who_always_answers_the_mean_pose_errs_by_the_same_whatever_the_noise(self, yardstick) -> None:
        found = evaluate_control("mean", small(latent_dim=8), yardstick)
        errors = [value(found, f"test_denoising_{size}mm_mpjpe_mm") for size in (20, 50, 100)]
        assert errors == pytest.approx([errors[0]] * 3)

    def test_it_is_the_distance_to_the_poses_without_noise(self, model, measured, yardstick) -> None:
        targets = yardstick.targets["valid"]
        again = model.decode(model.encode(targets + 0.05 * yardstick.noise("valid")))
        direct = 1000 * float(metrics.mpjpe(again, targets).mean())
        assert value(measured, "denoising_50mm_mpjpe_mm") == pytest.approx(direct, rel=1e-4)

    def test_every_model_gets_the_same_noise_and_it_keeps_the_root(self, people, yardstick) -> None:
        again, other = (Yardstick(people, SIZES.model_copy(update={"seed": seed})) for seed in (0, 1))
        assert torch.equal(again.noise("test"), yardstick.noise("test"))
        assert not torch.equal(other.noise("test"), yardstick.noise("test"))
        assert not torch.equal(yardstick.noise("train"), yardstick.noise("test"))
        assert (yardstick.noise("test")[:, 0] == 0).all()


class TestPathBones:
    @pytest.mark.parametrize("split", ["", "train_", "test_"])
    def test_a_straight_line_is_even_already(self, split, lines) -> None:
        plain = value(lines, f"{split}path_bone_excess_mm")
        assert plain > 1
        assert value(lines, f"{split}path_even_bone_excess_mm") == pytest.approx(plain, rel=1e-3)

    def test_what_the_way_adds_is_the_rest_beside_its_ends(self, lines, yardstick) -> None:
        first, second, _ = yardstick.path_places(SIZES.targets, "test")
        ends = yardstick.poses["test"][torch.stack([first, second])]
        excess = [1000 * float(metrics.bone_excess(end, yardstick.bone_limits).mean()) for end in ends]
        expected = value(lines, "test_path_bone_excess_mm") - sum(excess) / 2
        assert value(lines, "test_path_on_the_way_bone_excess_mm") == pytest.approx(expected, rel=1e-4)

    def test_hurrying_through_the_middle_hides_bones_that_even_steps_show(self, yardstick) -> None:
        class Hurrying(LinearModel):
            """Straight lines that rest near both ends."""

            def between(self, z1: torch.Tensor, z2: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
                return super().between(z1, z2, torch.sigmoid(20 * (t - 0.5)))

        hurrying = evaluate(Hurrying(LINES.mean, LINES.axes, None), yardstick, splits=["test"])
        even = value(evaluate(LINES, yardstick, splits=["test"]), "test_path_bone_excess_mm")
        assert value(hurrying, "test_path_bone_excess_mm") < 0.8 * even
        assert value(hurrying, "test_path_even_bone_excess_mm") == pytest.approx(even, rel=0.05)

    def test_one_pose_for_all_has_no_way(self, yardstick) -> None:
        found = evaluate_control("mean", small(latent_dim=8), yardstick)
        assert value(found, "test_path_on_the_way_bone_excess_mm") == 0
        plain = value(found, "test_path_bone_excess_mm")
        assert value(found, "test_path_even_bone_excess_mm") == plain


class TestRealism:
    def test_poses_that_are_given_back_as_they_are_pass_for_real(self, lines) -> None:
        assert value(lines, "reconstructed_realism_auc") == value(lines, "test_reconstructed_realism_auc") == 0.5

    def test_bodies_twice_as_large_do_not(self, yardstick) -> None:
        found = evaluate(ShrunkModel(LINES, torch.zeros(17, 3), 2.0), yardstick, splits=["test"])
        assert value(found, "test_reconstructed_realism_auc") > 0.999
        assert value(found, "test_path_realism_auc") > 0.99

    def test_it_is_that_of_a_judge_who_learned_on_training_people(self, model, measured, yardstick) -> None:
        with torch.no_grad():
            made = {}
            for split in ("train", "test"):
                codes = yardstick.path_codes(model, model.encode(yardstick.poses[split]), SIZES.targets, split)
                made[split] = model.decode(codes)
        judge = metrics.realism_judge(yardstick.targets["train"], made["train"])
        direct = float(metrics.realism_auc(judge, yardstick.targets["test"], made["test"]))
        assert value(measured, "test_path_realism_auc") == pytest.approx(direct, abs=0.01)
        rows = pd.DataFrame(measured.metrics).query("metric == 'realism_auc' and split == 'test'")
        assert set(rows["sampler"]) == {"path", "reconstructed"}
        assert set(rows["n"]) == set(rows["n_reference"]) == {200}

    def test_the_people_it_learned_from_are_not_judged(self, measured) -> None:
        assert not any("realism" in name for name in names(measured) if name.startswith("train_"))

    def test_real_poses_have_the_floor(self, yardstick) -> None:
        real = evaluate_control("real", small(), yardstick)
        for name in ("real_realism_auc", "test_real_realism_auc"):
            assert value(real, name) == pytest.approx(0.5, abs=0.12)
        assert not any(
            part in name for name in names(real) for part in ("denoising", "inbetween", "even", "on_the_way")
        )
