"""Human poses: any supported file, or the built-in synthetic people, as one `PoseSet`."""

from acai_ray.poses.loading import load
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.pose_set import PoseSet

__all__ = ["LoadOptions", "PoseSet", "load"]
