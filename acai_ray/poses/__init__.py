"""Human poses: any supported file, or the built-in synthetic people, as one `PoseSet`.

A name is imported when it is first used, so that a command can list its options without importing pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acai_ray.poses.loading import load
    from acai_ray.poses.options import LoadOptions
    from acai_ray.poses.pose_set import PoseSet

__all__ = ["LoadOptions", "PoseSet", "load"]

_HOMES = {"LoadOptions": "options", "PoseSet": "pose_set", "load": "loading"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"acai_ray.poses.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'acai_ray.poses' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
