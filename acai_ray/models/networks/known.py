"""The table of networks: this program's own, and those that a plugin registers."""

from acai_ray.common.errors import UserError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import POSES, Domain
from acai_ray.models.networks.graph import GRAPH
from acai_ray.models.networks.mlp import PERCEPTRON
from acai_ray.models.networks.network import Network
from acai_ray.models.networks.residual import RESIDUAL

_NETWORKS = {
    network.name: network
    for network in (
        PERCEPTRON,
        RESIDUAL,
        GRAPH,
    )
}


def names() -> list[str]:
    """The networks that a trial may name, this program's own first."""
    return list(_NETWORKS)


def register(network: Network) -> None:
    """Add a network of one's own; it is then known to this process.

    Raises:
        UserError: another one has its name.
    """
    if network.name in _NETWORKS:
        raise UserError(f"a network's name must be new, but there is already one named {network.name}; choose another")
    _NETWORKS[network.name] = network


def network_of(config: TrialConfig, domain: Domain = POSES) -> Network:
    """The network that a trial names.

    Raises:
        UserError: none has this name, or it cannot be built from these settings for this domain.
    """
    network = _NETWORKS.get(config.network)
    if network is None:
        raise UserError(f"network must be one of {', '.join(names())}, but is {config.network}")
    network.refuse(config, domain)
    return network
