"""Training keeps its promises with every network: packs, twins, resumption, compiled as eager; and what is saved."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from acai_ray.models.networks import names
from acai_ray.models.onnx_export import export_onnx
from acai_ray.models.pose_model import PoseModel, load_model, save_model
from acai_ray.poses import PoseSet
from acai_ray.training import compiled
from acai_ray.training.checkpoint import Place
from acai_ray.training.state import TrainState
from acai_ray.training.step import step
from acai_ray.training.trainer import train
from tests.helpers.networks import WIDTH, each_network, each_norm
from tests.helpers.training import batch, differing, member_of, numbers, small, trained

COMPILING = (
    pytest.mark.slow,
    pytest.mark.skipif(compiled.obstacle() is not None, reason=f"{compiled.obstacle()}, which compiling needs"),
)
NOT_IN_TEST_COMPILED = [name for name in names() if name != "mlp"]


@given(
    network=st.sampled_from(names()),
    latent_dim=st.integers(2, 24),
    norm=st.sampled_from(["batch", "none"]),
    dropout=st.sampled_from([0.0, 0.1]),
    batch_size=st.sampled_from([32, 64, 96]),
    width=st.sampled_from([64, 128]),
    lam=st.sampled_from([0.0, 0.3]),
    seeds=st.lists(st.integers(0, 5), min_size=2, max_size=5, unique=True),
)
@example(network="residual", latent_dim=5, norm="batch", dropout=0.1, batch_size=64, width=64, lam=0.3, seeds=[1, 0])
@example(network="graph", latent_dim=5, norm="batch", dropout=0.1, batch_size=96, width=64, lam=0.3, seeds=[4, 1, 2])
@example(network="graph", latent_dim=7, norm="none", dropout=0.0, batch_size=32, width=128, lam=0.0, seeds=[3, 5])
@hypothesis_settings(max_examples=12)
def test_members_are_the_same_in_every_pack(
    network, latent_dim, norm, dropout, batch_size, width, lam, seeds, pose_set
) -> None:
    config = small(
        network=network,
        latent_dim=latent_dim,
        norm=norm,
        dropout=dropout,
        batch_size=batch_size,
        width=width,
        lam=lam,
        epochs=1,
        steps_per_epoch=4,
    )
    everyone, pack = trained(config, range(6), pose_set), trained(config, seeds, pose_set)
    for member, seed in enumerate(seeds):
        assert differing(member_of(pack, member), member_of(everyone, seed)) == []
        assert numbers(pack.history[member]) == numbers(everyone.history[seed])


@each_network
@pytest.mark.parametrize("setting", [{}, {"norm": "none"}, {"dropout": 0.2}], ids=str)
def test_a_critic_at_lambda_0_equals_no_critic(network: str, setting, pose_set) -> None:
    vanilla = small(lam=0, network=network, width=WIDTH, epochs=1, **setting)
    with_critic, without = (
        trained(vanilla.model_copy(update={"critic": critic}), [3, 4], pose_set) for critic in (True, False)
    )
    for member in range(2):
        plain = member_of(without, member, "autoencoder.")
        assert differing(member_of(with_critic, member, "autoencoder."), plain) == []


@pytest.mark.parametrize(
    ("network", "mode"),
    [
        *((name, "eager") for name in names()),
        *(pytest.param(name, "compiled", marks=COMPILING) for name in NOT_IN_TEST_COMPILED),
    ],
)
def test_resumed_equals_uninterrupted(network: str, mode: str, pose_set, tmp_path: Path) -> None:
    config, place = small(network=network, width=WIDTH), Place.at(str(tmp_path))
    whole, begun = (TrainState.start(config, [0, 1], mode=mode) for _ in range(2))
    assert len(list(train(pose_set, whole))) == 2
    next(train(pose_set, begun))
    place.save("s00000", begun)
    resumed = place.newest("s00000")
    assert resumed is not None
    list(train(pose_set, resumed))
    assert resumed.mode == whole.mode
    for member in range(2):
        assert differing(member_of(resumed, member), member_of(whole, member)) == []
        assert numbers(resumed.history[member]) == numbers(whole.history[member])


@pytest.mark.parametrize("network", [pytest.param(name, marks=COMPILING) for name in NOT_IN_TEST_COMPILED])
@each_norm
def test_compiled_steps_are_the_eager_ones(network: str, norm: str, pose_set) -> None:
    """Losses, running statistics and, where the gradient is no rounding, weights; and no pack changes a bit."""
    config = small(network=network, norm=norm, width=WIDTH)
    eager, ours = (TrainState.start(config, [0, 1], mode=mode) for mode in ("eager", "compiled"))
    compiled.prepare(ours)
    of_step = batch(config, 2)
    for number in range(1, 4):
        expected = step(eager.networks, eager.optimizer, config, of_step)
        torch.testing.assert_close(
            compiled.epoch(ours, of_step.x[None], of_step.drawn[None]), expected, rtol=1e-3, atol=1e-6
        )
        states = [state.optimizer.state.values() for state in (ours, eager)]
        for one, other in zip(*states, strict=True):
            torch.testing.assert_close(one["exp_avg"], other["exp_avg"], rtol=5e-3, atol=5e-6 * number)
    for name, buffer in ours.networks.named_buffers():
        torch.testing.assert_close(buffer, eager.networks.get_buffer(name), rtol=1e-3, atol=1e-4)
    everyone, pack = (TrainState.start(config, seeds, mode="compiled") for seeds in ([0, 1, 2], [2, 0]))
    for state in (everyone, pack):
        list(train(pose_set, state))
    for member, seed in enumerate([2, 0]):
        assert differing(member_of(pack, member), member_of(everyone, seed)) == []


def trained_member(network: str, norm: str, poses: PoseSet) -> PoseModel:
    state = trained(small(network=network, norm=norm, width=WIDTH, epochs=1), [0, 1], poses)
    return PoseModel.of_member(state.networks, 1, state.config)


@each_network
@each_norm
def test_saved_and_loaded_a_model_is_the_same(network: str, norm: str, pose_set, tmp_path: Path) -> None:
    model = trained_member(network, norm, pose_set)
    save_model(tmp_path / "s00000-1", model.config, {"last": model.weights})
    loaded, poses = load_model(tmp_path / "s00000-1"), pose_set.poses[:20]
    assert loaded.config == model.config
    assert torch.equal(loaded.decode(loaded.encode(poses)), model.decode(model.encode(poses)))
    assert model.interpolate(poses[:4], poses[4:8], 6).shape == (4, 7, 17, 3)


@pytest.mark.parametrize("network", [name for name in names() if name != "mlp"])  # which test_onnx_export.py has
@each_norm
def test_as_onnx_it_gives_the_same_numbers_for_any_count(network: str, norm: str, pose_set, tmp_path: Path) -> None:
    model = trained_member(network, norm, pose_set)
    encoder, decoder = (onnxruntime.InferenceSession(str(path)) for path in export_onnx(model, tmp_path))
    for rows in (1, 2, 37):
        poses = pose_set.poses[:rows]
        (codes,) = encoder.run(None, {"poses": poses})
        np.testing.assert_allclose(codes, model.encode(poses).numpy(), atol=2e-6)
        (decoded,) = decoder.run(None, {"codes": codes})
        np.testing.assert_allclose(decoded, model.decode(codes).numpy(), atol=2e-6)
