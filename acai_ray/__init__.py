"""Does the ACAI regularizer give an autoencoder of 3D human poses a better latent space?

The public names are loaded when they are first used, so that `import acai_ray` is quick and free of torch and Ray.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acai_ray.pose_model import load_model

__version__ = "0.1.0"
__all__ = ["latent", "load_model", "metrics", "poses", "store"]


def __getattr__(name: str) -> Any:
    if name == "load_model":
        return import_module("acai_ray.pose_model").load_model
    if name in __all__:
        return import_module(f"acai_ray.{name}")
    raise AttributeError(f"module 'acai_ray' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
