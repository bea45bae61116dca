"""A training state as two things that files take: plain values for JSON, and tensors by name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from acai_ray.common.trial_config import TrialConfig
from acai_ray.training.state import TrainState

AS_THEY_ARE = ("epoch", "member_epochs", "diverged", "best_valid_mm", "history", "wall_s", "threads", "mode")
"""Attributes of a state that JSON takes as they are."""


def plain_values(state: TrainState) -> dict[str, Any]:
    """All of a state but its tensors and its device."""
    values = {name: getattr(state, name) for name in AS_THEY_ARE}
    return {**values, "config": state.config.model_dump(), "seeds": state.seeds}


def named_tensors(state: TrainState) -> dict[str, Tensor]:
    """Weights, best weights and the optimizer's moments, contiguous and on the CPU."""
    tensors = {f"networks.{name}": value for name, value in state.networks.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in state.best.items()}
    for index, values in state.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{key}": value for key, value in values.items() if isinstance(value, Tensor)}
    return {name: value.detach().cpu().contiguous() for name, value in tensors.items()}


def restored(values: Mapping[str, Any], tensors: Mapping[str, Tensor], device: str | torch.device) -> TrainState:
    """The state that `plain_values` and `named_tensors` were taken from, on a device."""
    fresh = TrainState.start(TrialConfig.model_validate(values["config"]), values["seeds"], device=device)
    fresh.networks.load_state_dict(_below(tensors, "networks."))
    fresh.optimizer.load_state_dict({**fresh.optimizer.state_dict(), "state": _moments(tensors)})
    best = {name: value.to(device) for name, value in _below(tensors, "best.").items()}
    return replace(fresh, best=best, **{name: values[name] for name in AS_THEY_ARE})


def saved_weights(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """The `last` and the `best` weights, with a member axis."""
    return {"last": _below(tensors, "networks."), "best": _below(tensors, "best.")}


def _moments(tensors: Mapping[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    """The optimizer's state by the number of a parameter."""
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in _below(tensors, "optimizer.").items():
        number, key = name.split(".", 1)
        moments.setdefault(int(number), {})[key] = value
    return moments


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
