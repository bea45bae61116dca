"""What pose data holds, what `load` would refuse, and what looks wrong: facts first, text second."""

from acai_ray.data.inspection.findings import Inspection
from acai_ray.data.inspection.inspecting import inspect

__all__ = ["Inspection", "inspect"]
