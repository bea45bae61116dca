"""The whole training step as one compiled graph: both losses, their gradients and the update by Adam.

The operations are recorded by running the step once on shapes alone (`make_fx`), and Inductor turns them into one
program. It keeps its programs on disk, so that the trials and workers of a machine share them. λ, γ and the learning
rates are inputs: trials that differ in nothing else share one program. On a CPU it trains one member after the other,
whose weights and moments then stay in the cache; on a GPU all together.
"""

import os
import shutil
import sys
import sysconfig
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from acai_ray.common.errors import describe
from acai_ray.common.trial_config import SHAPE, TrialConfig
from acai_ray.models.domain import Domain
from acai_ray.training.batches import draw_for_regularizer
from acai_ray.training.optimizers import count_adam_steps
from acai_ray.training.state import TrainState
from acai_ray.training.update import Changed, Update, step_scalars

OPTIMIZERS = ("adam", "adamw")
"""Those whose update is written out in `update`."""

REPAID_AFTER = 5_000
"""Steps of a trial from which on compiling is repaid even where no other trial shares it."""

_GRAPH = (*SHAPE, "options", "optimizer", "batch_size")
"""Settings that change the graph itself; of λ and the weight decay only whether they are 0 does."""

CPU_OPTIONS = {
    "cpp_wrapper": True,
    "compile_threads": 1,
    "size_asserts": False,
    "realize_opcount_threshold": 6,
    "realize_reads_threshold": 2,
}
"""The kernels are called without Python between them, and what the elements of a channel share (a root, a quotient) is
computed once."""

Wanted = Literal["auto", "on", "off"]


class CannotCompileError(Exception):
    """Why a step could not be compiled, as the end of a sentence."""


def mode(config: TrialConfig, wanted: Wanted) -> str:
    """How a new trial's steps are executed, `compiled` or `eager`.

    Args:
        config: its settings.
        wanted: `auto` compiles where the trial is long enough to repay it, `on` always, `off` never. Dropout and
            other optimizers than Adam and AdamW are eager.
    """
    possible = config.dropout == 0 and config.optimizer in OPTIMIZERS
    long_enough = wanted == "on" or config.epochs * config.steps_per_epoch >= REPAID_AFTER
    return "compiled" if possible and long_enough and wanted != "off" else "eager"


def obstacle() -> str | None:
    """Why nothing can be compiled on this machine, as the end of a sentence, where that is known before trying."""
    compiler = os.environ.get("CXX") or ("clang++" if sys.platform == "darwin" else "g++")
    if shutil.which(compiler) is None:
        return f"there is no C++ compiler {compiler}"
    headers = Path(sysconfig.get_path("include"))
    return None if (headers / "Python.h").exists() else f"Python's headers are not in {headers}"


def prepare(state: TrainState) -> None:
    """Compile the state's step, unless this process has it already.

    Raises:
        CannotCompileError: it is not possible here.
    """
    if (reason := obstacle()) is not None:
        raise CannotCompileError(reason)
    try:
        _program(*_shape(state))
    except Exception as error:
        raise CannotCompileError(describe(error)) from error


@torch.no_grad()
def epoch(state: TrainState, x: Tensor, drawn: Tensor) -> Tensor:
    """Train all steps of an epoch; networks, moments and their step counts are changed in place.

    Args:
        state: one that `prepare` was called for.
        x: `(S, R, B, n)`, 51 numbers of a pose.
        drawn: `(S, R, B/2, …)`.

    Returns:
        `(L, R)`: sums over the steps of the values of `loss_names`.
    """
    program = _program(*_shape(state))
    totals = []
    tensors, scalars = Changed.of(state).flat, step_scalars(state, len(x)).to(state.device)
    for start in range(0, len(state.seeds), _pack(state)):
        pack = slice(start, start + _pack(state))
        steps = zip(x[:, pack], drawn[:, pack], scalars, strict=True)
        totals.append(program.run([tensor[pack] for tensor in tensors], steps))
    count_adam_steps(state.optimizer, len(x))
    return torch.cat(totals, dim=1)


def _shape(state: TrainState) -> tuple[TrialConfig, Domain, int, int, torch.device]:
    """All that a program depends on."""
    return _graph(state.config), state.networks.autoencoder.domain, _pack(state), state.threads, state.device


def _pack(state: TrainState) -> int:
    """Members trained together."""
    return 1 if state.device.type == "cpu" else len(state.seeds)


def _graph(config: TrialConfig) -> TrialConfig:
    """The settings reduced to what changes the graph."""
    flags = {"lam": float(config.lam > 0), "weight_decay": float(config.weight_decay > 0)}
    return TrialConfig(**flags, **{name: getattr(config, name) for name in _GRAPH})


@dataclass(frozen=True)
class _Program:
    """The compiled update of a pack.

    Attributes:
        update: takes the tensors of `Changed`, which it changes in place, a batch, what was drawn for it, its scalars.
        places: where those tensors lie while it runs; a CUDA graph is bound to addresses. None: where they are.
    """

    update: Callable[..., Tensor]
    places: list[Tensor] | None

    def run(self, tensors: list[Tensor], steps: Iterable[tuple[Tensor, ...]]) -> Tensor:
        """Do some steps; returns the sums of their terms."""
        working = tensors
        if self.places is not None:
            working = [place.copy_(tensor) for place, tensor in zip(self.places, tensors, strict=True)]
        total: Tensor | int = 0
        for inputs in steps:
            total = total + self.update(*working, *inputs)
        if self.places is not None:
            for tensor, place in zip(tensors, working, strict=True):
                tensor.copy_(place)
        assert isinstance(total, Tensor)
        return total


@lru_cache(maxsize=64)
def _program(config: TrialConfig, domain: Domain, members: int, threads: int, device: torch.device) -> _Program:
    state = TrainState.start(config, range(members), threads=threads, device=device, domain=domain)
    batch = torch.zeros(members, config.batch_size, domain.size, device=device)
    drawn = draw_for_regularizer(config, np.random.default_rng(0), members, domain).to(device)  # a member each step
    inputs = (batch, drawn, step_scalars(state, 1)[0].to(device))
    examples: list[Any] = [*Changed.of(state).flat, *inputs]
    with warnings.catch_warnings(action="ignore"), torch.no_grad():  # torch warns of its own modules
        with torch.enable_grad():
            graph = make_fx(Update(state), tracing_mode="fake")(*examples)
        if device.type == "cpu":
            options = {**CPU_OPTIONS, "cpp.threads": threads}
            return _Program(
                cast(Callable[..., Tensor], torch._inductor.compile(graph, examples, options=options)), None
            )
        places = Changed.of(state).flat
        for place in places:
            torch._dynamo.mark_static_address(place, guard=False)
        program = _Program(torch.compile(graph, fullgraph=True, dynamic=False, mode="reduce-overhead"), places)
        program.update(*places, *inputs)  # compiles now, where what fails is caught
        return program
