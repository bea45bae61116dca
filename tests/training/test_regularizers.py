"""What every regularizer promises, tried on all that are known, and a limit or an optimum of each."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from acai_ray.common.errors import UserError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.latent import CODE_SPACES
from acai_ray.models.domain import POSES
from acai_ray.training.batches import draw_epoch
from acai_ray.training.checkpoint import Place
from acai_ray.training.pose_tensor import pose_tensor
from acai_ray.training.regularizers import (
    REGULARIZERS,
    Losses,
    Regularizer,
    Weights,
    networks_of,
    refuse_unfit,
    register,
    with_defaults,
)
from acai_ray.training.regularizers.aae import passed_for_prior, told_apart
from acai_ray.training.regularizers.constant_speed import speed_variation
from acai_ray.training.regularizers.vae import kl_to_normal
from acai_ray.training.state import TrainState
from acai_ray.training.step import gradients, loss_names
from acai_ray.training.trainer import train
from tests.helpers.training import batch, differing, member_of, numbers, small, trained

KINDS = [(part.name, codes) for part in REGULARIZERS.values() for codes in part.codes]
"""Every regularizer with every kind of codes that it works with."""

every_kind = pytest.mark.parametrize(("name", "codes"), KINDS)


def of(name: str, codes: str, **settings: Any) -> TrialConfig:
    return small(regularizer=name, codes=codes, **settings)


def losses_of(networks: nn.Module, config: TrialConfig) -> Losses:
    part = REGULARIZERS[config.regularizer]
    members = len(next(networks.parameters()))
    of_step = batch(config, members, next(networks.parameters()).dtype)
    return part.losses(networks, config, of_step, Weights(config.lam, config.gamma))


@every_kind
@pytest.mark.parametrize("norm", ["batch", "none"])
def test_gradients_are_those_of_both_losses(name, codes, norm) -> None:
    """Along a random direction of each network's weights, in double precision."""
    config = of(name, codes, lam=0.7, gamma=0.3, norm=norm, critic_norm=norm)
    networks = TrainState.start(config, [0, 1]).networks.double()
    _, found = gradients(networks, config, batch(config, 2, torch.float64), Weights(config.lam, config.gamma))
    gradient_of = dict(zip(networks.parameters(), found, strict=True))
    rng, eps = torch.Generator().manual_seed(1), 1e-6
    for network, loss in ((networks.autoencoder, "of_autoencoder"), (networks.own, "of_own")):
        parameters = [] if network is None else list(network.parameters())
        if not parameters:
            continue
        direction = [torch.randn(p.shape, generator=rng, dtype=torch.float64) for p in parameters]
        slope = sum((gradient_of[p] * d).flatten(1).sum(1) for p, d in zip(parameters, direction, strict=True))
        values = []
        for place in (eps, -eps):
            with torch.no_grad():
                for parameter, along in zip(parameters, direction, strict=True):
                    parameter.add_(along, alpha=place)
            values.append(getattr(losses_of(networks, config), loss).detach())
            with torch.no_grad():
                for parameter, along in zip(parameters, direction, strict=True):
                    parameter.sub_(along, alpha=place)
        torch.testing.assert_close((values[0] - values[1]) / (2 * eps), slope, rtol=1e-4, atol=1e-7)


@every_kind
@pytest.mark.parametrize("setting", [{}, {"norm": "none", "critic_norm": "none"}, {"dropout": 0.2}], ids=str)
def test_at_lambda_0_it_is_the_same_vanilla(name, codes, setting, pose_set) -> None:
    own = trained(of(name, codes, lam=0.0, **setting), [3, 4], pose_set)
    vanilla = trained(small(lam=0.0, critic=False, codes=codes, **setting), [3, 4], pose_set)
    with_lambda = trained(of(name, codes, lam=0.1, **setting), [3, 4], pose_set)
    for member in range(2):
        plain = member_of(vanilla, member, "autoencoder.")
        assert differing(member_of(own, member, "autoencoder."), plain) == []
        assert any("weight" in at for at in differing(member_of(with_lambda, member, "autoencoder."), plain))
        assert [row["loss_rec"] for row in own.history[member]] == [row["loss_rec"] for row in vanilla.history[member]]


@pytest.mark.parametrize(("name", "codes"), [kind for kind in KINDS if kind[0] != "vae"])
def test_a_tiny_lambda_starts_as_vanilla(name, codes) -> None:
    """Except a VAE, whose codes are drawn from distributions however small λ is."""
    config = of(name, codes, lam=1e-9)
    networks = TrainState.start(config, [0, 1]).networks
    ours = losses_of(networks, config).of_autoencoder
    plain = REGULARIZERS[name].beside_vanilla(networks, config, batch(config, 2), Weights(0, 0)).of_autoencoder
    torch.testing.assert_close(ours, plain, rtol=1e-4, atol=1e-7)


@every_kind
@pytest.mark.parametrize("norm", ["batch", "none"])
def test_members_are_the_same_in_every_pack(name, codes, norm, pose_set) -> None:
    config = of(name, codes, norm=norm, critic_norm=norm, dropout=0.1, steps_per_epoch=4)
    everyone, pack = trained(config, range(5), pose_set), trained(config, [3, 1, 0], pose_set)
    for member, seed in enumerate((3, 1, 0)):
        assert differing(member_of(pack, member), member_of(everyone, seed)) == []
        assert numbers(pack.history[member]) == numbers(everyone.history[seed])


@every_kind
def test_a_resumed_run_is_the_uninterrupted_one(name, codes, pose_set, tmp_path) -> None:
    config = of(name, codes, steps_per_epoch=4, dropout=0.1)
    whole, place = trained(config, [0, 1], pose_set), Place.at(str(tmp_path))
    state = TrainState.start(config, [0, 1])
    next(train(pose_set, state))
    place.save("s00000", state)
    resumed = place.newest("s00000")
    assert resumed is not None
    assert resumed.epoch == 1
    for _ in train(pose_set, resumed):
        pass
    assert differing(resumed.networks.state_dict(), whole.networks.state_dict()) == []
    assert numbers(resumed.history[1]) == numbers(whole.history[1])


@every_kind
def test_its_terms_are_in_the_history(name, codes, pose_set) -> None:
    config = of(name, codes)
    for row in trained(config, [0], pose_set).history[0]:
        assert all(math.isfinite(row[term]) for term in loss_names(config))


@pytest.mark.parametrize("part", REGULARIZERS.values(), ids=REGULARIZERS)
def test_it_says_what_it_is(part: Regularizer) -> None:
    assert part.name == part.name.lower()
    assert part.title
    assert part.weighs
    assert part.source
    assert set(part.codes) <= set(CODE_SPACES)
    low, high = part.lam_range
    assert 0 < low < high


# Each has a limit or an optimum that is known.


def test_the_noise_of_a_denoising_autoencoder_may_be_none() -> None:
    config = of("denoising", "sphere", lam=0.3)
    networks, part = TrainState.start(config, [0, 1]).networks, REGULARIZERS["denoising"]
    still = batch(config, 2)._replace(drawn=torch.zeros(2, config.batch_size // 2, 51))
    plain = part.beside_vanilla(networks, config, still, Weights(0, 0))
    assert torch.equal(part.losses(networks, config, still, Weights(0.3, 0)).of_autoencoder, plain.of_autoencoder)


def test_lambda_is_the_standard_deviation_of_the_noise() -> None:
    config = of("denoising", "flat", lam=0.05)
    seen: list[torch.Tensor] = []
    networks = TrainState.start(config, [0]).networks
    encode = networks.autoencoder.encode
    networks.autoencoder.encode = lambda x, **options: seen.append(x) or encode(x, **options)  # type: ignore[method-assign]
    of_step = batch(config, 1)
    REGULARIZERS["denoising"].losses(networks, config, of_step, Weights(0.05, 0))
    assert float((seen[0] - of_step.halves[0]).std()) == pytest.approx(0.05, rel=0.05)


def test_the_kl_of_normal_distributions_is_the_closed_form() -> None:
    mean, log_variance = torch.randn(2, 6, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    given = torch.distributions.Normal(mean, (log_variance / 2).exp())
    expected = torch.distributions.kl_divergence(given, torch.distributions.Normal(0.0, 1.0)).sum(-1)
    torch.testing.assert_close(kl_to_normal(mean, log_variance), expected)
    assert kl_to_normal(torch.zeros(3, 4), torch.zeros(3, 4)).tolist() == [0.0] * 3


def test_a_large_kl_weight_collapses_the_codes(pose_set) -> None:
    """Then every distribution is the prior, whatever the pose."""
    config = of("vae", "flat", lam=10.0, epochs=20, steps_per_epoch=50, norm="none", critic_norm="none")
    state = trained(config, [0], pose_set)
    assert state.history[0][-1]["loss_kl"] < 0.05
    assert state.history[0][-1]["loss_kl"] < state.history[0][0]["loss_kl"] / 5


def test_where_codes_are_the_prior_its_critic_can_do_no_better_than_not_knowing() -> None:
    """On equal distributions the loss of a logit D is smallest at D = 0: 2 log 2, and log 2 for the autoencoder."""
    same = torch.zeros(8, dtype=torch.float64)
    best = float(told_apart(same, same))
    assert best == pytest.approx(2 * math.log(2))
    assert float(passed_for_prior(same)) == pytest.approx(math.log(2))
    for answer in (-1.0, -0.1, 0.1, 1.0):
        assert float(told_apart(same + answer, same + answer)) > best


def test_its_critic_finds_the_ratio_of_the_densities() -> None:
    """Of two values, seen 3 : 1 among codes and 1 : 3 in the prior, the best logits are log(1/3) and log 3."""
    logits = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    codes, prior = torch.tensor([0, 0, 0, 1]), torch.tensor([0, 1, 1, 1])
    descent = torch.optim.LBFGS([logits], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        descent.zero_grad()
        value = told_apart(logits[codes], logits[prior])
        value.backward()
        return value

    descent.step(loss)
    torch.testing.assert_close(logits.detach(), torch.tensor([-math.log(3), math.log(3)]).double(), atol=1e-4, rtol=0)


def test_a_linear_decoder_has_constant_speed_on_flat_codes() -> None:
    rng = torch.Generator().manual_seed(0)
    z1, z2 = torch.randn(2, 5, 1, 3, generator=rng, dtype=torch.float64)
    codes = CODE_SPACES["flat"].between(z1, z2, torch.linspace(0, 1, 9, dtype=torch.float64))
    paths = codes @ torch.randn(3, 51, generator=rng, dtype=torch.float64)
    assert float(speed_variation(paths).max()) < 1e-9


def test_constant_speed_does_not_depend_on_scale_or_on_turns() -> None:
    paths = torch.randn(4, 9, 51, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    turn, _ = torch.linalg.qr(torch.randn(51, 51, generator=torch.Generator().manual_seed(1), dtype=torch.float64))
    torch.testing.assert_close(speed_variation(3 * paths @ turn), speed_variation(paths))
    assert float(speed_variation(torch.zeros(1, 9, 51))) == 0.0
    one_step = torch.zeros(1, 3, 1, dtype=torch.float64)
    one_step[0, 2:] = 1.0  # lengths 0 and 1: mean 1/2, standard deviation 1/2
    assert float(speed_variation(one_step)) == pytest.approx(1.0, rel=1e-4)


def test_constant_speed_makes_paths_even(pose_set) -> None:
    settings = {"epochs": 10, "steps_per_epoch": 40, "norm": "none", "critic_norm": "none"}
    few, many = (trained(of("constant_speed", "sphere", lam=lam, **settings), [0], pose_set) for lam in (1e-9, 1.0))
    assert many.history[0][-1]["loss_speed"] < few.history[0][-1]["loss_speed"] / 3


def test_its_places_are_an_option() -> None:
    config = of("constant_speed", "sphere", options={"places": 3})
    networks = TrainState.start(config, [0]).networks
    seen: list[int] = []
    decode = networks.autoencoder.decode
    networks.autoencoder.decode = lambda z, **given: seen.append(z.shape[1]) or decode(z, **given)  # type: ignore[method-assign]
    losses_of(networks, config)
    assert seen == [config.batch_size // 2, 4 * config.batch_size // 2]


# What does not fit is refused, and a user's own is known by its name.


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (
            {"regularizer": "acia"},
            "a regularizer is one of acai, denoising, vae, aae, constant_speed, but got acia; "
            "one of your own comes from a module that plugins name",
        ),
        ({"regularizer": "vae"}, "vae needs codes: flat, but codes are sphere"),
        ({"options": {"places": 3}}, "an option must be one that acai has, but got places; it has none"),
        (
            {"regularizer": "constant_speed", "options": {"place": 3}},
            "an option must be one that constant_speed has, but got place; its options are places",
        ),
        (
            {"regularizer": "constant_speed", "options": {"places": "3"}},
            "the option places of constant_speed is like 8, but got '3'",
        ),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, says) -> None:
    config = TrialConfig(**settings)
    with pytest.raises(UserError) as caught:
        refuse_unfit(config)
    assert str(caught.value) == says
    with pytest.raises(UserError):
        networks_of(1, config)


def test_codes_follow_the_regularizer_unless_they_are_given() -> None:
    assert with_defaults({"regularizer": "vae"})["codes"] == "flat"
    assert with_defaults({"regularizer": "aae"})["codes"] == "sphere"
    assert with_defaults({"regularizer": "aae", "codes": "flat"})["codes"] == "flat"
    assert with_defaults({"latent_dim": 4}) == {"latent_dim": 4}
    assert with_defaults({"regularizer": "nobody's"}) == {"regularizer": "nobody's"}


def test_a_users_own_is_known_by_its_name(monkeypatch) -> None:
    monkeypatch.setattr("acai_ray.training.regularizers.REGULARIZERS", dict(REGULARIZERS))
    mine = type("Mine", (type(REGULARIZERS["denoising"]),), {"name": "mine"})()
    register(mine)
    register(mine)
    assert networks_of(2, TrialConfig(regularizer="mine", lam=0.1)).own is None
    other = type("Other", (type(REGULARIZERS["denoising"]),), {"name": "acai"})()
    with pytest.raises(UserError, match="each regularizer has a name of its own, but acai is taken"):
        register(other)


def test_options_are_a_mapping_outside_and_pairs_inside() -> None:
    config = TrialConfig(options={"b": 2, "a": 1})
    assert config == TrialConfig(options={"a": 1, "b": 2})
    assert hash(config) == hash(TrialConfig(options={"a": 1, "b": 2}))
    assert config.model_dump()["options"] == {"a": 1, "b": 2}
    assert TrialConfig.model_validate(config.model_dump()) == config


def test_draws_belong_to_the_generator_and_come_after_the_batches(pose_set) -> None:
    """So every regularizer sees the same batches."""
    learned = pose_tensor(pose_set, "train")
    drawn = [draw_epoch(of(name, codes), 3, 1, learned) for name, codes in KINDS]
    assert all(torch.equal(x, drawn[0][0]) for x, _ in drawn)
    for (name, codes), (_, first) in zip(KINDS, drawn, strict=True):
        assert torch.equal(first, draw_epoch(of(name, codes), 3, 1, learned)[1])
        assert first.shape[:2] == (small().steps_per_epoch, small().batch_size // 2)


def test_draws_have_the_distribution_they_are_named_after() -> None:
    config, rng = of("vae", "flat"), np.random.default_rng(0)
    normal = REGULARIZERS["vae"].draw(rng, 200, 32, config, POSES)
    assert normal.dtype == np.float32
    assert abs(normal.mean()) < 0.02
    assert normal.std() == pytest.approx(1, abs=0.02)
    alpha = REGULARIZERS["acai"].draw(rng, 200, 32, config, POSES)
    assert (alpha.min() >= 0, alpha.max() < 0.5, round(float(alpha.mean()), 2)) == (True, True, 0.25)
