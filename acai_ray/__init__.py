"""Does the ACAI regularizer give an autoencoder of 3D human poses a better latent space?

The public names are loaded when they are first used, so that `import acai_ray` is quick and free of torch and Ray.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acai_ray.common.errors import UserError
    from acai_ray.models.completion import Completion, complete
    from acai_ray.models.onnx_export import export_onnx
    from acai_ray.models.pose_model import PoseModel, load_model

__version__ = "0.1.0"
__all__ = [
    "Completion",
    "PoseModel",
    "UserError",
    "complete",
    "export_onnx",
    "latent",
    "load_model",
    "metrics",
    "poses",
    "protocol",
    "store",
]

_HOME = {
    "Completion": "acai_ray.models.completion",
    "PoseModel": "acai_ray.models.pose_model",
    "UserError": "acai_ray.common.errors",
    "complete": "acai_ray.models.completion",
    "export_onnx": "acai_ray.models.onnx_export",
    "load_model": "acai_ray.models.pose_model",
}
"""The modules that define the public functions and classes; the other public names are modules themselves."""


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in __all__:
        return import_module(f"acai_ray.{name}")
    raise AttributeError(f"module 'acai_ray' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
