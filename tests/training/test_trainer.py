"""Training: exact twins, members that do not know their pack, exact resumption, the right gradients."""

import gc
import math
from typing import Any

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from acai_ray import metrics
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.pose_model import PoseModel
from acai_ray.training import trainer
from acai_ray.training.regularizers import Batch
from acai_ray.training.state import TrainState, copy_of
from acai_ray.training.step import loss_names, step
from acai_ray.training.trainer import draw_epoch, train
from tests.helpers.training import OPTIMIZERS, differing, member_of, numbers, small, trained


@pytest.fixture(scope="module")
def learned(pose_set) -> torch.Tensor:
    return torch.tensor(pose_set.split("train").poses)


class TestTwin:
    """λ = 0 is the vanilla autoencoder to the last bit."""

    @pytest.mark.parametrize(
        "setting",
        [
            {},
            {"norm": "none", "critic_norm": "none"},
            {"norm": "none"},
            {"dropout": 0.2},
            {"norm": "none", "dropout": 0.3, "optimizer": "adamw", "weight_decay": 0.1, "schedule": "cosine"},
        ],
        ids=str,
    )
    def test_a_critic_at_lambda_0_equals_no_critic(self, setting, pose_set) -> None:
        with_critic = trained(small(lam=0, **setting), [3, 4], pose_set)
        without = trained(small(lam=0, critic=False, **setting), [3, 4], pose_set)
        with_lambda = trained(small(lam=0.1, **setting), [3, 4], pose_set)
        for member in range(2):
            plain = member_of(without, member, "autoencoder.")
            assert differing(member_of(with_critic, member, "autoencoder."), plain) == []
            assert any("weight" in name for name in differing(member_of(with_lambda, member, "autoencoder."), plain))
            for name in ("valid_mpjpe_mm", "loss_rec"):
                assert [row[name] for row in with_critic.history[member]] == [
                    row[name] for row in without.history[member]
                ]

    @pytest.mark.parametrize("setting", [{"gamma": 0.9}, {"critic_lr": 0.5}, {"critic_norm": "none"}], ids=str)
    def test_nothing_about_the_critic_reaches_the_autoencoder_at_lambda_0(self, setting, pose_set) -> None:
        one, other = (trained(small(lam=0, **change), [1], pose_set) for change in ({}, setting))
        assert differing(member_of(one, 0, "autoencoder."), member_of(other, 0, "autoencoder.")) == []
        if "critic_norm" not in setting:
            assert differing(member_of(one, 0, "own."), member_of(other, 0, "own."))

    def test_the_idle_critic_learns(self, pose_set) -> None:
        config = small(lam=0, critic_norm="none", epochs=20, steps_per_epoch=5)
        losses = [row["critic_alpha_mse"] + row["critic_real_mse"] for row in trained(config, [0], pose_set).history[0]]
        assert losses[-1] < losses[0]


class TestPack:
    """A member's numbers do not depend on the others it is trained with."""

    @given(
        optimizer=st.sampled_from(OPTIMIZERS),
        latent_dim=st.integers(2, 24),
        norms=st.sampled_from([("batch", "batch"), ("none", "none"), ("none", "batch")]),
        dropout=st.sampled_from([0.0, 0.1]),
        batch_size=st.sampled_from([32, 64, 96]),
        lam=st.sampled_from([0.0, 0.3]),
        seeds=st.lists(st.integers(0, 5), min_size=2, max_size=5, unique=True),
    )
    @example(  # where 209 odd codes would start in the middle of a cache line
        optimizer="adam", latent_dim=5, norms=("none", "none"), dropout=0.0, batch_size=64, lam=0.3, seeds=[1, 0]
    )
    @example(
        optimizer="nadam", latent_dim=7, norms=("batch", "batch"), dropout=0.1, batch_size=96, lam=0.3, seeds=[4, 1, 2]
    )
    @settings(max_examples=20)
    def test_members_are_the_same_in_every_pack(
        self, optimizer, latent_dim, norms, dropout, batch_size, lam, seeds, pose_set
    ) -> None:
        config = small(
            optimizer=optimizer,
            latent_dim=latent_dim,
            norm=norms[0],
            critic_norm=norms[1],
            dropout=dropout,
            batch_size=batch_size,
            lam=lam,
            steps_per_epoch=4,
        )
        everyone, pack = trained(config, range(6), pose_set), trained(config, seeds, pose_set)
        for member, seed in enumerate(seeds):
            assert differing(member_of(pack, member), member_of(everyone, seed)) == []
            assert numbers(pack.history[member]) == numbers(everyone.history[seed])
            best = [{name: value[i] for name, value in s.best.items()} for s, i in ((pack, member), (everyone, seed))]
            assert differing(*best) == []

    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    def test_alone_it_takes_the_same_step_to_rounding(self, optimizer, pose_set) -> None:
        config = small(optimizer=optimizer, epochs=1, steps_per_epoch=1, lr=1e-3)
        alone, pack = trained(config, [2], pose_set), trained(config, [1, 2], pose_set)
        for name, value in member_of(alone, 0).items():
            if optimizer in ("sgd", "radam") or "mean" in name or "variance" in name:
                torch.testing.assert_close(value, member_of(pack, 1)[name], atol=1e-5, rtol=1e-4)
        assert alone.history[0][0]["loss_rec"] == pytest.approx(pack.history[1][0]["loss_rec"], rel=1e-5)
        assert alone.history[0][0]["loss_adv"] == pytest.approx(pack.history[1][0]["loss_adv"], rel=1e-4)


@pytest.mark.parametrize("precision", ["highest", "high"])
def test_matmul_precision_holds_in_training_alone(precision, pose_set, monkeypatch) -> None:
    seen = []

    def spy(*args: Any) -> torch.Tensor:
        seen.append((torch.get_float32_matmul_precision(), gc.isenabled()))
        return step(*args)

    monkeypatch.setattr(trainer, "step", spy)
    trained(small(matmul_precision=precision), [0], pose_set)
    assert set(seen) == {(precision, False)}
    assert (torch.get_float32_matmul_precision(), gc.isenabled()) == ("highest", True)


class TestValidation:
    """The validation error is that of the unaugmented poses, by running statistics."""

    @pytest.mark.parametrize("norm", ["batch", "none"])
    def test_it_is_the_models_reconstruction_error(self, norm, pose_set) -> None:
        config = small(norm=norm, rotation_deg=180, flip_probability=1)
        state, valid = trained(config, [0, 1, 2], pose_set), pose_set.split("valid").poses
        for member in range(3):
            model = PoseModel.of_member(state.networks, member, config)
            expected = 1000 * metrics.mpjpe(valid, model.decode(model.encode(valid))).mean()
            assert state.history[member][-1]["valid_mpjpe_mm"] == pytest.approx(float(expected), rel=1e-5)

    def test_dropout_is_off_when_measuring(self, pose_set) -> None:
        state = trained(small(dropout=0.5), [0], pose_set)
        valid = torch.tensor(pose_set.split("valid").poses).flatten(1)
        once, again = (trainer.valid_mpjpe_mm(state.networks.autoencoder, valid) for _ in range(2))
        assert once == again == [state.history[0][-1]["valid_mpjpe_mm"]]

    @given(n=st.integers(1, 70))
    @settings(max_examples=15)
    def test_chunks_of_any_size_give_the_mean(self, n: int, pose_set) -> None:
        networks = TrainState.start(small(), [0, 1]).networks
        valid = torch.tensor(pose_set.split("valid").poses).flatten(1)[:70]
        each = [trainer.valid_mpjpe_mm(networks.autoencoder, pose[None]) for pose in valid[:n]]
        expected = torch.tensor(each).mean(0).tolist()
        assert trainer.valid_mpjpe_mm(networks.autoencoder, valid[:n]) == pytest.approx(expected, rel=1e-5)

    def test_measuring_changes_nothing(self, pose_set, pose_set_without_valid) -> None:
        measured, not_measured = (trained(small(), [0, 1], data) for data in (pose_set, pose_set_without_valid))
        assert differing(member_of(measured, 0), member_of(not_measured, 0)) == []

    def test_best_are_the_weights_of_each_members_lowest_error(self, pose_set, monkeypatch) -> None:
        errors = [[5.0, 5.0, 1.0], [3.0, 4.0, 2.0], [4.0, 3.0, 2.0], [6.0, 2.0, 1.0]]
        told = iter(errors)
        monkeypatch.setattr(trainer, "valid_mpjpe_mm", lambda *_: next(told))
        config = small(epochs=4)
        state = TrainState.start(config, [0, 1, 2])
        seen = [copy_of(state.networks) for _ in train(pose_set, state)]
        for member, lowest in enumerate((1, 3, 0)):
            assert state.best_valid_mm[member] == errors[lowest][member]
            expected = {name: value[member] for name, value in seen[lowest].items()}
            assert differing({name: value[member] for name, value in state.best.items()}, expected) == []

    def test_without_validation_poses_best_is_last(self, pose_set_without_valid) -> None:
        state = trained(small(epochs=3), [0, 1], pose_set_without_valid)
        assert differing(state.best, copy_of(state.networks)) == []
        assert all(math.isnan(row["valid_mpjpe_mm"]) for rows in state.history for row in rows)


class TestDivergence:
    """A member that diverges ends with its last good epoch; the others never notice."""

    @pytest.fixture
    def poisoned(self, monkeypatch):
        """Member of seed 1 gets NaN poses from the given epoch on."""

        def poison(first: int) -> None:
            def draw(config: TrialConfig, seed: int, epoch: int, poses: torch.Tensor) -> Any:
                x, alpha = draw_epoch(config, seed, epoch, poses)
                return (x * math.nan if seed == 1 and epoch >= first else x), alpha

            monkeypatch.setattr(trainer, "draw_epoch", draw)

        return poison

    @pytest.mark.parametrize("setting", [{}, {"norm": "none", "critic_norm": "none"}, {"optimizer": "nadam"}], ids=str)
    def test_others_go_on_and_it_keeps_its_last_good_epoch(self, setting, pose_set, poisoned) -> None:
        config = small(epochs=4, **setting)
        good = trained(config, [0, 2], pose_set)
        state = TrainState.start(config, [0, 1, 2])
        whole = [copy_of(state.networks) for report in train(pose_set, state) if report.epoch == 2]
        poisoned(2)
        state = trained(config, [0, 1, 2], pose_set)
        assert state.epoch == 4
        assert state.member_epochs == [4, 2, 4]
        assert [bool(reason) for reason in state.diverged] == [False, True, False]
        assert "epoch 3" in state.diverged[1]
        assert differing(member_of(state, 1), {name: value[1] for name, value in whole[0].items()}) == []
        assert [len(rows) for rows in state.history] == [4, 2, 4]
        for member, alone in ((0, 0), (2, 1)):
            assert differing(member_of(state, member), member_of(good, alone)) == []
            assert numbers(state.history[member]) == numbers(good.history[alone])
        assert all(value.isfinite().all() for value in state.best.values())

    def test_in_the_first_epoch_it_keeps_its_initial_weights(self, pose_set, poisoned) -> None:
        poisoned(0)
        state = trained(small(), [0, 1], pose_set)
        assert state.member_epochs == [2, 0]
        assert differing(member_of(state, 1), member_of(TrainState.start(small(), [0, 1]), 1)) == []

    def test_when_nobody_is_left_training_ends(self, pose_set, poisoned) -> None:
        poisoned(1)
        config = small(epochs=5)
        state = TrainState.start(config, [1])
        reports = list(train(pose_set, state))
        assert [list(report.rows) for report in reports] == [[0], []]
        assert state.finished

    @pytest.mark.parametrize("network", ["autoencoder", "own"])
    def test_weights_lost_in_the_last_step_are_noticed_without_validation(
        self, network, pose_set_without_valid, monkeypatch
    ) -> None:
        """No loss of that epoch shows it, and the next epoch may never come."""
        config, calls = small(epochs=2, steps_per_epoch=3), []

        def lose(networks: Any, *rest: Any) -> torch.Tensor:
            terms = step(networks, *rest)
            calls.append(terms)
            if len(calls) == 6:
                next(getattr(networks, network).parameters()).data[1].fill_(math.inf)
            return terms

        monkeypatch.setattr(trainer, "step", lose)
        state = trained(config, [0, 1], pose_set_without_valid)
        assert [bool(reason) for reason in state.diverged] == [False, True]
        assert state.member_epochs == [2, 1]
        assert all(value.isfinite().all() for value in state.networks.state_dict().values())


class TestReports:
    """What an epoch says."""

    def test_one_row_a_member_and_epoch(self, pose_set) -> None:
        config = small(epochs=3)
        state = TrainState.start(config, [0, 1])
        reports = list(train(pose_set, state))
        assert [report.epoch for report in reports] == [1, 2, 3]
        assert [report.rows[1] for report in reports] == state.history[1]
        assert all(value >= 0 for row in state.history[0] for value in row.values())
        assert sum(row["train_s"] + row["eval_s"] for row in state.history[0]) == pytest.approx(state.wall_s)

    def test_the_loss_is_the_mean_over_the_steps(self, pose_set, learned) -> None:
        config = small(epochs=1, steps_per_epoch=5)
        state = trained(config, [0, 1], pose_set)
        fresh = TrainState.start(config, [0, 1])
        drawn = [draw_epoch(config, seed, 0, learned) for seed in (0, 1)]
        x, alpha = (torch.stack(parts, 1) for parts in zip(*drawn, strict=True))
        terms = [step(fresh.networks, fresh.optimizer, config, Batch(*pair)) for pair in zip(x, alpha, strict=True)]
        mean = torch.stack(terms).mean(0)
        for number, name in enumerate(loss_names(config)):
            found = [rows[0][name] for rows in state.history]
            assert found == pytest.approx(mean[number].tolist(), rel=1e-6)

    def test_training_reconstructs_better_than_the_mean_pose(self, pose_set) -> None:
        config = small(latent_dim=16, width=64, norm="none", critic_norm="none", epochs=3, steps_per_epoch=100)
        state = trained(config, [0, 1], pose_set)
        mean = pose_set.split("train").poses.mean(0)
        baseline = 1000 * float(metrics.mpjpe(pose_set.split("valid").poses, mean).mean())
        assert all(rows[-1]["valid_mpjpe_mm"] < baseline for rows in state.history)

    def test_a_finished_state_trains_no_further(self, pose_set) -> None:
        state = trained(small(), [0], pose_set)
        before = copy_of(state.networks)
        assert list(train(pose_set, state)) == []
        assert differing(copy_of(state.networks), before) == []
