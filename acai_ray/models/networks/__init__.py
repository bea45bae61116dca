"""The kinds of encoders and decoders, one module each, and the table of those that a trial may name."""

from acai_ray.models.networks.known import names, network_of, register
from acai_ray.models.networks.network import Network

__all__ = ["Network", "names", "network_of", "register"]
