"""Pictures of pose data: random poses in a grid, and one sequence in motion."""

from acai_ray.data.preview.grid import grid, png
from acai_ray.data.preview.motion import Motion, animation, gif, motion
from acai_ray.data.preview.picking import at_random, seen_by, sequence

__all__ = ["Motion", "animation", "at_random", "gif", "grid", "motion", "png", "seen_by", "sequence"]
