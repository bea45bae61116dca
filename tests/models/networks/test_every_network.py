"""What every network promises: a member axis, passes apart, dropout of hidden layers, right gradients."""

from typing import Any

import pytest
import torch
from torch.func import functional_call

from acai_ray.common.trial_config import ALIGNED
from acai_ray.models.layers import BatchNorm, Linear
from tests.helpers.networks import batch, built, each_network, each_norm, each_part, settings


@each_network
@each_norm
@pytest.mark.parametrize("latent_dim", [2, 5, 16])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_from_poses_to_codes_and_back(network: str, norm: str, latent_dim: int, depth: int) -> None:
    config = settings(network, norm=norm, latent_dim=latent_dim, depth=depth)
    encoder, decoder = (built(config, part, members=3) for part in ("encoder", "decoder"))
    codes = encoder(batch(config, "encoder", members=3), passes=2, track=0)
    assert codes.shape == (3, 32, latent_dim)
    assert decoder(codes, passes=2, track=0).shape == (3, 32, 51)


@each_network
@each_norm
@each_part
class TestEach:
    """One part of one network, with and without batch normalisation."""

    def test_all_that_is_saved_has_the_member_axis(self, network: str, norm: str, part: str) -> None:
        made = built(settings(network, norm=norm), part, members=3)
        assert {len(value) for value in (*made.state_dict().values(), *made.buffers())} == {3}
        assert (norm == "batch") == any(name.endswith("variance") for name in made.state_dict())

    def test_its_parameters_are_those_of_known_layers(self, network: str, norm: str, part: str) -> None:
        """So that `initialise` draws each weight, and each member's matrices start alike in memory."""
        made = built(settings(network, norm=norm), part)
        layers = [module for module in made.modules() if isinstance(module, Linear | BatchNorm)]
        assert {id(value) for layer in layers for value in layer.parameters()} == set(map(id, made.parameters()))
        for layer in (layer for layer in layers if isinstance(layer, Linear)):
            assert layer.weight.all()
            assert layer.weight[0].numel() % ALIGNED == 0

    def test_a_member_alone_is_the_same(self, network: str, norm: str, part: str) -> None:
        config = settings(network, norm=norm)
        pack, alone = built(config, part, members=3), built(config, part, members=1)
        alone.load_state_dict({name: value[2:] for name, value in pack.state_dict().items()})
        x = batch(config, part, members=3)
        torch.testing.assert_close(alone(x[2:], track=0)[0], pack(x, track=0)[2], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(alone.eval()(x[2:])[0], pack.eval()(x)[2], atol=1e-5, rtol=1e-4)

    def test_a_members_loss_has_no_gradient_in_another(self, network: str, norm: str, part: str) -> None:
        config = settings(network, norm=norm)
        made = built(config, part, members=3)
        made(batch(config, part, members=3))[1].square().sum().backward()
        for parameter in made.parameters():
            assert not parameter.grad[[0, 2]].any()
            assert parameter.grad[1].any()

    def test_passes_share_products_but_not_statistics(self, network: str, norm: str, part: str) -> None:
        config = settings(network, norm=norm)
        together, apart = built(config, part), built(config, part)
        first, second = batch(config, part), 2 * batch(config, part, seed=8) + 1
        found = together(torch.cat((first, second), dim=1), passes=2, track=0)
        expected = torch.cat((apart(first, track=0), apart(second)), dim=1)
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(together.state_dict(), apart.state_dict(), atol=1e-6, rtol=1e-5)

    def test_only_a_tracked_pass_moves_running_statistics(self, network: str, norm: str, part: str) -> None:
        config = settings(network, norm=norm)
        made, x = built(config, part), batch(config, part)
        before = {name: value.clone() for name, value in made.state_dict().items()}
        made(x)
        made.eval()(x, track=0)
        assert all(torch.equal(value, before[name]) for name, value in made.state_dict().items())
        made.train()(x, track=0)
        moved = {name for name, value in made.state_dict().items() if not torch.equal(value, before[name])}
        assert moved == {name for name in before if name.endswith(("mean", "variance"))}

    def test_in_evaluation_rows_do_not_meet(self, network: str, norm: str, part: str) -> None:
        config = settings(network, norm=norm)
        made, x = built(config, part).eval(), batch(config, part)
        torch.testing.assert_close(made(x)[:, 3:5], made(x[:, 3:5]), atol=1e-6, rtol=1e-5)

    def test_dropout_acts_on_hidden_layers_alone(self, network: str, norm: str, part: str) -> None:
        config = settings(network, norm=norm)
        made, x, seen = built(config, part), batch(config, part), []

        def ones(activation: torch.Tensor) -> torch.Tensor:
            seen.append(activation.shape)
            return torch.ones_like(activation)

        assert torch.equal(made(x, mask=ones), made(x))
        assert len(seen) >= config.depth
        for members, rows, channels in seen:  # each pose's numbers follow one another, so that passes can be told apart
            assert (members, rows % x.shape[1], channels % ALIGNED) == (2, 0, 0)
        dropped = made(x, mask=torch.zeros_like)
        torch.testing.assert_close(dropped, dropped[:, :1].expand_as(dropped), atol=1e-6, rtol=0)
        assert not torch.allclose(made(x)[:, 0], made(x)[:, 1], atol=1e-3)

    def test_gradients_are_finite_differences(self, network: str, norm: str, part: str) -> None:
        """In float64, along random directions of the parameters and the input."""
        config = settings(network, norm=norm, width=64, latent_dim=3)
        made = built(config, part).double()
        names, parameters = zip(*made.named_parameters(), strict=True)

        def output(x: torch.Tensor, *values: torch.Tensor) -> Any:
            return functional_call(made, dict(zip(names, values, strict=True)), (x,), {"passes": 2})

        x = batch(config, part).double().requires_grad_()
        assert torch.autograd.gradcheck(output, (x, *parameters), fast_mode=True, eps=1e-7, atol=1e-5, rtol=1e-4)
