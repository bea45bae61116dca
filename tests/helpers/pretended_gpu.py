"""A pretended GPU: tensors that say they are on `cuda:0`, are computed by the CPU, and may not be mixed with the CPU's.

It finds what a real GPU would refuse: operations on tensors of two devices, and results that are taken for NumPy arrays
before they are brought to the CPU. It says nothing about speed, memory or rounding, and has no gradients.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

GPU = torch.device("cuda", 0)

FROM_ANYWHERE = {Tensor.to, Tensor.copy_, torch._has_compatible_shallow_copy_type}
"""What may take tensors of both devices. Indices may be on the CPU where what they index is on the GPU, too."""

OF_DEVICES = {torch.device, torch._C._nn._parse_to}
"""What takes the name of a device and makes no tensor; the second reads the arguments of `Module.to`."""

TO_NUMPY = {Tensor.numpy, Tensor.__array__}
DEVICE_OF = Tensor.device.__get__  # type: ignore[attr-defined]


class OnGpu(Tensor):
    """A tensor of the CPU that says it is on the pretended GPU."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return computed(func, args, kwargs or {})


class _Pretending(TorchFunctionMode):
    """Makes new tensors on the pretended GPU where they are asked for."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return computed(func, args, kwargs or {})


def computed(func: Any, args: Any, kwargs: Any) -> Any:
    """What a function of torch gives, on the device where it would be."""
    with torch._C.DisableTorchFunction():
        if func in OF_DEVICES:
            return func(*args, **kwargs)
        kinds: set[bool] = set()
        plain_args, plain_kwargs = (_changed(values, lambda value: _plain(value, kinds)) for values in (args, kwargs))
        on_gpu = True in kinds
        if func == DEVICE_OF:
            return GPU if on_gpu else torch.device("cpu")
        if func in TO_NUMPY and on_gpu:
            raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first")
        indexed = func is Tensor.__getitem__ and isinstance(args[0], OnGpu)
        if len(kinds) > 1 and func not in FROM_ANYWHERE and not indexed:
            raise RuntimeError(f"Expected all tensors to be on the same device, but {func} got some of both")
        result = func(*plain_args, **plain_kwargs)
        return _changed(result, _on_gpu) if _goes_to_gpu(func, args, kwargs, on_gpu) else result


def _plain(value: Any, kinds: set[bool]) -> Any:
    """The value for the CPU; of a tensor it is noted whether it is on the GPU, unless it is a number of the CPU."""
    if isinstance(value, Tensor):
        moved = isinstance(value, OnGpu)
        if moved or value.ndim:
            kinds.add(moved)
        return value.as_subclass(Tensor) if moved else value
    named = isinstance(value, torch.device) or (isinstance(value, str) and value.startswith("cuda"))
    return torch.device("cpu") if named else value


def _on_gpu(value: Any) -> Any:
    return value.as_subclass(OnGpu) if isinstance(value, Tensor) else value


def _changed(values: Any, change: Callable[[Any], Any]) -> Any:
    """The same with every value changed, in tuples, lists and dictionaries too."""
    if isinstance(values, tuple | list):
        changed = [_changed(value, change) for value in values]
        return type(values)(changed)
    if isinstance(values, dict):
        return {name: _changed(value, change) for name, value in values.items()}
    return change(values)


def _goes_to_gpu(func: Any, args: Any, kwargs: Any, on_gpu: bool) -> bool:
    """Whether the result is on the GPU: where the arguments are, unless a device is named, or another tensor's."""
    if func is Tensor.cpu:
        return False
    if func is Tensor.to:
        others = [value for value in (*args[1:], *kwargs.values()) if isinstance(value, Tensor | torch.device | str)]
        return _is_gpu(others[0]) if others else on_gpu
    return _is_gpu(kwargs["device"]) if kwargs.get("device") is not None else on_gpu


def _is_gpu(of: Any) -> bool:
    return isinstance(of, OnGpu) if isinstance(of, Tensor) else torch.device(of).type == "cuda"


@contextmanager
def pretended_gpu() -> Iterator[str]:
    """While it lasts, `cuda:0` is a device that torch knows, without a GPU and without gradients; gives its name."""
    overwritten = torch.__future__.get_overwrite_module_params_on_conversion()
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    try:
        with _Pretending(), torch.no_grad():
            yield str(GPU)
    finally:
        torch.__future__.set_overwrite_module_params_on_conversion(overwritten)
