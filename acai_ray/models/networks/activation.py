"""What follows the linear map of a hidden layer."""

from torch import Tensor, nn
from torch.nn import functional

from acai_ray.common.architecture import LEAKY_SLOPE
from acai_ray.models.layers import BatchNorm, Mask


class Activation(nn.Module):
    """Norm, LeakyReLU(0.2) and dropout of R members' channels.

    Args:
        members: R.
        channels: the last axis.
        norm: `batch` or `none`.
    """

    def __init__(self, members: int, channels: int, norm: str) -> None:
        super().__init__()
        self.norm = BatchNorm(members, channels) if norm == "batch" else None

    def forward(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Activate `(R, P·B, C)`; arguments as of `MLP`."""
        if self.norm is not None:
            x = self.norm(x, passes=passes, track=track)
        x = functional.leaky_relu(x, LEAKY_SLOPE)
        return x if mask is None else x * mask(x)
