"""What pose data holds, what would be refused, and what looks wrong: facts first, text second."""

from acai_ray.data.inspection.inspecting import inspect
from acai_ray.data.inspection.record import Inspection

__all__ = ["Inspection", "inspect"]
