"""Whether a GPU gives what a CPU does; the parts of `benchmarks.gpu` that compare numbers.

Each takes the sizes and returns whether it is right, with its numbers.
"""

import time
from itertools import chain
from typing import Any, get_args

import torch
from torch import Tensor

from acai_ray.evaluation import evaluate
from acai_ray.evaluation.metric_rows import name_of
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.metrics import Distance, ReferencePoses
from acai_ray.metrics.search.on_device import OnDevice
from acai_ray.models.pose_model import PoseModel
from acai_ray.training.state import TrainState
from benchmarks.gpu_scale import Scale

Outcome = tuple[bool, dict[str, Any]]

ROUNDING, CHAOS = 1e-4, 1e-2
"""Relative differences that rounding explains: of weights after steps of SGD, and of the mean loss of steps of Adam.

Adam's first steps have the same size however small a gradient is, so one that is rounded otherwise may lead elsewhere.
Weights that were changed by 1e-6 at first differed by 9e-6 after 100 steps of SGD, and by 0.09 after as many of Adam,
whose losses then differed by 6e-4.
"""

OF_METRICS = 1e-3
"""The same of a metric of the same weights; a share, of poses or of pairs, may differ by `OF_SHARES`."""

OF_SHARES = 1e-2
SHARES = ("density", "coverage", "improved", "realism_auc", "critic_auc", "critic_correlation")
"""Parts of the names of such metrics."""


def losses(scale: Scale) -> Outcome:
    """Losses, and weights after the steps, of the same trial on the CPU and on the device."""
    numbers: dict[str, Any] = {}
    for optimizer, lr in (("sgd", 0.02), ("adam", 1e-3)):
        config = scale.config(optimizer=optimizer, lr=lr)
        here, there = (scale.trained(config, device) for device in ("cpu", scale.device))
        numbers[f"{optimizer}_weights"] = weights_differ(here, there)
        numbers[f"{optimizer}_losses"] = losses_differ(here, there)
    right = numbers["sgd_weights"] < ROUNDING and numbers["sgd_losses"] < ROUNDING and numbers["adam_losses"] < CHAOS
    return right, numbers


def compiled(scale: Scale) -> Outcome:
    """The compiled step beside the eager one, both on the device."""
    config = scale.config()
    eager, other = (scale.trained(config, scale.device, mode) for mode in ("eager", "compiled"))
    numbers = {"mode": other.mode, "losses": losses_differ(eager, other), "weights": weights_differ(eager, other)}
    return other.mode == "compiled" and numbers["losses"] < CHAOS, numbers


def nearest(scale: Scale) -> Outcome:
    """The nearest poses, the radii of balls and what lies in them: the CPU's to the last bit, for hard poses too."""
    different, numbers = [], {}
    for name, (queries, references) in searched(scale).items():
        for distance in get_args(Distance):
            seconds, equal = same_answers(queries, references, distance, scale)
            numbers[f"{name}_{distance}_s"] = [round(value, 3) for value in seconds]
            different += [] if equal else [f"{name} by {distance}"]
    return not different, {"different": different, **numbers}


def searched(scale: Scale) -> dict[str, tuple[Tensor, Tensor]]:
    """Queries and references: people, Gaussian poses, and those of a collapsed decoder, some of them equal."""
    queries, references = scale.searched
    generator = torch.Generator().manual_seed(0)
    real = torch.from_numpy(scale.people.poses)
    chosen = torch.randint(len(real), (queries + references,), generator=generator)
    people = real[chosen] + 0.01 * torch.randn(queries + references, 17, 3, generator=generator)
    normal = torch.randn(queries + references, 17, 3, generator=generator)
    some, few = max(20, queries // 10), max(100, references // 10)
    heap = people[:1] + 1e-5 * normal[: some + few]
    heap[::3] = heap[0]
    return {
        "people": (people[:queries], people[queries:]),
        "gaussian": (normal[:some], normal[some : some + few]),
        "heap": (heap[:some], heap[some:]),
    }


def same_answers(queries: Tensor, references: Tensor, distance: Distance, scale: Scale) -> tuple[list[float], bool]:
    """Seconds on the CPU and on the device, and whether all answers are the same."""
    limits, k = torch.full((len(queries),), torch.inf), 6
    started = time.perf_counter()
    tree = ReferencePoses(references).tree(distance, references.dtype)
    expected = tree.nearest(queries, limits, k)
    of_cpu, radii = time.perf_counter() - started, expected[:, -1]
    there = [tensor.to(scale.device) for tensor in (queries, references, limits, radii)]
    OnDevice.of(there[1], distance).nearest(there[0][:9], there[2][:9], k)  # compiles
    started = time.perf_counter()
    device = OnDevice.of(there[1], distance)
    found = device.nearest(there[0], there[2], k).cpu()
    of_device = time.perf_counter() - started
    hits = torch.equal(device.hits(there[0], there[3]).cpu(), tree.hits(queries, radii))
    return [of_cpu, of_device], torch.equal(found, expected) and hits


def metrics(scale: Scale) -> Outcome:
    """Every metric of one model, measured on the CPU and on the device."""
    state, people = scale.trained(scale.config(), "cpu", seeds=1), scale.people
    values = []
    for device in ("cpu", scale.device):
        model = PoseModel.of_member(state.networks, 0, state.config).to(device)
        rows = evaluate(model, Yardstick(people, scale.compared, device)).metrics
        values.append({(name_of(row), row["n_reference"]): row["value"] for row in rows})
    here, there = values
    apart = {name: far_apart(name[0], here[name], there.get(name)) for name in here}
    worst = max(apart, key=lambda name: apart[name])
    wrong = sorted(name for (name, _), far in apart.items() if far > 1)
    numbers = {"metrics": len(here), "wrong": wrong, "worst": [worst[0], apart[worst]]}
    return not wrong and here.keys() == there.keys(), numbers


def far_apart(name: str, here: float | None, there: float | None) -> float:
    """The difference of two values in units of what is allowed."""
    if here is None or there is None:
        return 0.0 if here is there else torch.inf
    allowed = OF_SHARES if any(share in name for share in SHARES) else OF_METRICS * max(abs(here), abs(there), 1e-9)
    return abs(here - there) / allowed


def weights_differ(a: TrainState, b: TrainState) -> float:
    """The largest difference of two weights, as a share of the largest weight of their tensor."""
    pairs = zip(a.networks.state_dict().values(), b.networks.state_dict().values(), strict=True)
    return max(_apart(one.cpu(), other.cpu()) for one, other in pairs)


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max() / one.abs().max().clamp(min=1e-9))


def losses_differ(a: TrainState, b: TrainState) -> float:
    """The largest relative difference of two losses of an epoch."""
    names = [name for name in a.history[0][0] if name.startswith(("loss", "critic", "valid"))]
    rows = zip(chain(*a.history), chain(*b.history), strict=True)
    return max(abs(one[name] - other[name]) / abs(one[name]) for one, other in rows for name in names)
