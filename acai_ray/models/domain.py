"""What is autoencoded: poses, or examples of another shape."""

from typing import NamedTuple

from acai_ray.common.skeleton import N_JOINTS


class Domain(NamedTuple):
    """What is autoencoded.

    Attributes:
        points: joints of a pose, pixels of an image; the reconstruction error is a mean over them.
        axes: numbers of each.
        bounded: whether decoders end in tanh, for values in [−1, 1].
    """

    points: int
    axes: int
    bounded: bool = False

    @property
    def size(self) -> int:
        """Numbers of one example."""
        return self.points * self.axes


POSES = Domain(points=N_JOINTS, axes=3)
