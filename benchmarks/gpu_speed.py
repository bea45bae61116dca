"""How fast a GPU is; the parts of `benchmarks.gpu` that measure time.

Each takes the sizes and returns its numbers; they are right unless something raises.
"""

import time
from collections.abc import Iterator

from acai_ray.evaluation import evaluate
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.sweep.counting import count_controls, count_trials, typical_config
from acai_ray.sweep.folding import divided
from acai_ray.sweep.space import load_space
from acai_ray.sweep.space_files import find_space
from acai_ray.training.batches import draw_epoch
from acai_ray.training.pose_tensor import pose_tensor
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import Report, train_on
from benchmarks.gpu_equality import Outcome
from benchmarks.gpu_scale import Scale

EPOCHS = 3
"""Of a training that is timed, by its last: the first compiles."""


def speed(scale: Scale) -> Iterator[Outcome]:
    """Model-steps a second by the number of members; and of the steps alone, whose batches were drawn before."""
    mode, numbers = "eager" if scale.rehearsed else "compiled", {}
    for members in scale.members:
        for name, drawn_before in (("", False), ("_steps_alone", True)):
            *_, last = epochs(scale, members, mode, drawn_before)
            numbers[f"{members}{name}"] = round(members * scale.steps / last.rows[0]["train_s"])
        yield True, {"mode": mode, "model_steps_per_s": numbers}


def epochs(scale: Scale, members: int, mode: str, drawn_before: bool) -> Iterator[Report]:
    """Train a trial of so many members."""
    config = scale.config(epochs=EPOCHS)
    learned = pose_tensor(scale.people, "train")
    one = draw_epoch(config, 0, 0, learned)
    state = TrainState.start(config, range(members), mode=mode, device=scale.device)
    return train_on(lambda seed, epoch: one if drawn_before else draw_epoch(config, seed, epoch, learned), state)


def evaluation(scale: Scale) -> Outcome:
    """Seconds to evaluate a model: the first of a process, which prepares and compiles, and a later one."""
    state, people, numbers = scale.trained(scale.config(), scale.device, seeds=2), scale.people, {}
    for name, sizes in (("report", scale.timed), ("wide", scale.compared)):
        yardstick = Yardstick(people, sizes, scale.device)
        for member, which in enumerate(("first", "later")):
            model = PoseModel.of_member(state.networks, member, state.config).to(scale.device)
            started = time.perf_counter()
            evaluate(model, yardstick)
            scale.synchronise()
            numbers[f"{name}_{which}_s"] = round(time.perf_counter() - started, 2)
    return True, numbers


def wide_hours(scale: Scale, model_steps_per_s: float, evaluation_s: float) -> float:
    """Hours of the space `wide` on one GPU, its trials one after another, from the speed of three members."""
    space, _ = divided(load_space(find_space("wide")), scale.everyone)
    trained, untrained = count_controls(space)
    members = sum(trials * seeds for trials, seeds in count_trials(space).values()) + trained
    config = typical_config(space)
    steps = members * config.epochs * config.steps_per_epoch
    return round((steps / model_steps_per_s + (members + untrained) * evaluation_s) / 3600, 2)
