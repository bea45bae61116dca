"""The compiled step: the eager one's mathematics, and the same promises within its own mode."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from acai_ray.common.trial_config import TrialConfig
from acai_ray.poses import PoseSet
from acai_ray.training import compiled
from acai_ray.training.checkpoint import Place
from acai_ray.training.regularizers import REGULARIZERS
from acai_ray.training.state import TrainState
from acai_ray.training.step import step
from acai_ray.training.trainer import train
from tests.helpers.pages import ROOT
from tests.helpers.training import batch, differing, member_of, numbers, small

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(compiled.obstacle() is not None, reason=f"{compiled.obstacle()}, which compiling needs"),
]


SETTINGS = {
    "batch norm": {},
    "no norm, adamw": {"norm": "none", "critic_norm": "none", "optimizer": "adamw", "weight_decay": 0.3, "lam": 0.4},
    "vanilla, adam with decay": {"lam": 0.0, "critic_lr": 1e-3, "weight_decay": 0.2},
    **{name: {"regularizer": name, "codes": part.codes[0]} for name, part in REGULARIZERS.items() if name != "acai"},
}


def trained(config: TrialConfig, seeds: list[int], poses: PoseSet, mode: str = "compiled") -> TrainState:
    state = TrainState.start(config, seeds, mode=mode)
    for _ in train(poses, state):
        pass
    assert state.mode == mode
    return state


def moments(state: TrainState, name: str) -> list[torch.Tensor]:
    return [state.optimizer.state[parameter][name] for parameter in state.networks.parameters()]


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_its_steps_are_the_eager_ones(setting: dict[str, Any]) -> None:
    """Losses, gradients (ten times Adam's first moment after one step), running statistics and updated weights."""
    config = small(**setting)
    eager, ours = (TrainState.start(config, [0, 1], mode=mode) for mode in ("eager", "compiled"))
    compiled.prepare(ours)
    of_step = batch(config, 2)
    for number in range(1, 4):
        expected = step(eager.networks, eager.optimizer, config, of_step)
        found = compiled.epoch(ours, of_step.x[None], of_step.drawn[None])
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
        for one, other in zip(moments(ours, "exp_avg"), moments(eager, "exp_avg"), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=2e-6 * number)
        for one, other in zip(moments(ours, "exp_avg_sq"), moments(eager, "exp_avg_sq"), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-9 * number)
        assert {int(value) for value in moments(ours, "step")} == {number}
        assert {name for name, value in ours.networks.state_dict().items() if value.isnan().any()} == set()
        weights = [list(state.networks.parameters()) for state in (ours, eager)]
        for one, other, gradient in zip(*weights, moments(eager, "exp_avg"), strict=True):
            # where a gradient is nothing but rounding, so is the sign of Adam's step
            clear = gradient.abs() > 1e-4
            torch.testing.assert_close(one[clear], other[clear], rtol=1e-3, atol=1e-5 * number)
    for name, buffer in ours.networks.named_buffers():
        torch.testing.assert_close(buffer, eager.networks.get_buffer(name), rtol=1e-3, atol=1e-4)


def test_it_learns_as_the_eager_one(pose_set) -> None:
    config = small(epochs=6, steps_per_epoch=60)
    states = [trained(config, [0, 1], pose_set, mode) for mode in ("eager", "compiled")]
    for member in range(2):
        eager, ours = (state.history[member] for state in states)
        assert ours[0]["loss_rec"] == pytest.approx(eager[0]["loss_rec"], rel=0.02)
        assert ours[-1]["loss_rec"] == pytest.approx(eager[-1]["loss_rec"], rel=0.1)
        assert ours[-1]["valid_mpjpe_mm"] < 0.9 * ours[0]["valid_mpjpe_mm"]


def test_a_member_does_not_depend_on_its_pack_even_alone(pose_set) -> None:
    config = small()
    everyone = trained(config, [0, 1, 2, 3, 4], pose_set)
    for seeds in ([2], [4, 0]):
        pack = trained(config, seeds, pose_set)
        for member, seed in enumerate(seeds):
            assert differing(member_of(pack, member), member_of(everyone, seed)) == []
            assert numbers(pack.history[member]) == numbers(everyone.history[seed])


def test_a_critic_at_lambda_0_equals_no_critic(pose_set) -> None:
    with_critic, without = (trained(small(lam=0, **setting), [3, 4], pose_set) for setting in ({}, {"critic": False}))
    for member in range(2):
        plain = member_of(without, member, "autoencoder.")
        assert differing(member_of(with_critic, member, "autoencoder."), plain) == []
        assert [row["valid_mpjpe_mm"] for row in with_critic.history[member]] == [
            row["valid_mpjpe_mm"] for row in without.history[member]
        ]


def test_resumed_in_a_fresh_process_with_an_empty_cache_it_is_the_same(pose_set, tmp_path: Path) -> None:
    config, place = small(epochs=3), Place.at(str(tmp_path))
    state = TrainState.start(config, [0, 1], mode="compiled")
    next(train(pose_set, state))
    place.save("s00000", state)
    program = f"""
from tests.helpers.small_poses import small_poses
from acai_ray.training.checkpoint import Place
from acai_ray.training.trainer import train
place = Place.at({str(tmp_path)!r})
state = place.newest("s00000")
for _ in train(small_poses(), state):
    place.save("s00000", state)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=environment)
    resumed, whole = place.newest("s00000"), trained(config, [0, 1], pose_set)
    assert (resumed.mode, resumed.epoch) == ("compiled", 3)
    for member in range(2):
        assert differing(member_of(resumed, member), member_of(whole, member)) == []
        assert numbers(resumed.history[member]) == numbers(whole.history[member])
    assert all(map(torch.equal, moments(resumed, "exp_avg_sq"), moments(whole, "exp_avg_sq")))


def test_lambda_gamma_and_learning_rates_share_a_program(pose_set) -> None:
    trained(small(), [0], pose_set)
    before = compiled._program.cache_info().misses
    trained(small(lam=0.7, gamma=0.3, lr=1e-4, critic_lr=1e-2, schedule="cosine", epochs=3), [5, 6], pose_set)
    assert compiled._program.cache_info().misses == before


class TestWhereItIsNotPossible:
    """Training goes on eager."""

    def test_without_a_compiler_one_line_says_so(self, pose_set, monkeypatch, caplog) -> None:
        monkeypatch.setenv("CXX", "no-such-compiler")
        state = TrainState.start(small(), [0, 1], mode="compiled")
        with caplog.at_level(logging.WARNING):
            for _ in train(pose_set, state):
                pass
        assert state.mode == "eager"
        assert [record.getMessage() for record in caplog.records] == [
            "training is several times slower than it could be, because there is no C++ compiler no-such-compiler"
        ]
        eager = trained(small(), [0, 1], pose_set, mode="eager")
        assert differing(member_of(state, 1), member_of(eager, 1)) == []

    def test_a_compiler_that_fails_ends_in_eager_too(self, pose_set, monkeypatch, caplog) -> None:
        def fails(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError("C++ compile error\nPython.h: No such file")

        monkeypatch.setattr(torch._inductor, "compile", fails)
        config = small(latent_dim=3)
        state = TrainState.start(config, [0, 1], mode="compiled")
        with caplog.at_level(logging.WARNING):
            for _ in train(pose_set, state):
                pass
        assert state.mode == "eager"
        (record,) = caplog.records
        assert "because RuntimeError: C++ compile error Python.h: No such file (" in record.getMessage()


@pytest.mark.parametrize(
    ("setting", "wanted", "expected"),
    [
        ({"epochs": 5, "steps_per_epoch": 1000}, "auto", "compiled"),
        ({"epochs": 4, "steps_per_epoch": 1000}, "auto", "eager"),
        ({"epochs": 4, "steps_per_epoch": 1000}, "on", "compiled"),
        ({"epochs": 300}, "off", "eager"),
        ({"epochs": 300, "dropout": 0.1}, "on", "eager"),
        ({"epochs": 300, "optimizer": "radam"}, "on", "eager"),
        ({"epochs": 300, "optimizer": "adamw"}, "auto", "compiled"),
    ],
)
def test_long_trials_of_adam_are_compiled(setting, wanted, expected) -> None:
    assert compiled.mode(TrialConfig(**setting), wanted) == expected
