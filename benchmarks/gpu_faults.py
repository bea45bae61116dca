"""What happens on a GPU when something fails; the parts of `benchmarks.gpu` on killed processes and on memory.

Each takes the sizes and returns whether it is right, with its numbers. In the rehearsal a GPU's memory is pretended.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import torch
import yaml

from acai_ray.common.errors import UserError
from acai_ray.evaluation import evaluate
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.sweep.trainable import device_of
from acai_ray.trials.experiment import load_experiment, run
from benchmarks.gpu_equality import Outcome
from benchmarks.gpu_scale import Scale

SHARE = 0.25
"""Of a GPU: what a trial takes unless told otherwise."""

GIB = 2**30


def resume(scale: Scale) -> Outcome:
    """A training that is killed between two checkpoints and goes on ends with the weights of one that is left alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = experiment(scale, folder, epochs=scale.epochs)
        alone = training(scale, file, folder / "alone")
        killed = training(scale, file, folder / "killed")
        reached = kill_in_training(killed, folder / "killed")
        again = training(scale, file, folder / "killed")
        codes = [process.wait() for process in (alone, again)]
        said = [(folder / f"{part}.txt").read_text(encoding="utf-8") for part in ("alone", "killed")]
        if codes != [0, 0]:
            return False, {"exit_codes": codes, "said": [text[-500:] for text in said]}
        weights = [folder / part / "mine/models/e00000-0/last.safetensors" for part in ("alone", "killed")]
        equal = weights[0].read_bytes() == weights[1].read_bytes()
    in_training = 0 < reached < scale.epochs and killed.returncode == -signal.SIGKILL
    return equal and in_training, {"killed_after_epoch": reached, "of": scale.epochs, "equal": equal}


def experiment(scale: Scale, folder: Path, **settings: int) -> Path:
    """A file for `acai_ray.train`."""
    config = scale.config(**settings).model_dump(exclude_none=True)
    small = {"pairs": 10, "distance_pairs": 4, "generated": 60, "targets": 30, "critic_draws": 50, "gallery": 4}
    content = {"seeds": 3, "trial": config, "evaluation": small, "data_options": {"every": 20}}
    (folder / "mine.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder / "mine.yaml"


def training(scale: Scale, file: Path, results: Path) -> subprocess.Popen[bytes]:
    """A process that trains what a file says, or goes on with it."""
    compiling = "off" if scale.rehearsed else "on"
    options = ["--device", scale.device, "--results", str(results), "--compile", compiling]
    command = [sys.executable, "-m", "acai_ray.train", "--config", str(file), *options]
    with results.with_suffix(".txt").open("wb") as said:
        return subprocess.Popen(command, stdout=said, stderr=said)


def kill_in_training(process: subprocess.Popen[bytes], results: Path) -> int:
    """Kill a process once it has two checkpoints; returns the epoch of the newest."""
    checkpoints = results / "mine/checkpoints/e00000"
    while len(list(checkpoints.glob("*/state.json"))) < 2 and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    return max((int(path.parent.name) for path in checkpoints.glob("*/state.json")), default=0)


def memory(scale: Scale) -> Outcome:
    """What a process with a quarter of a GPU may take, and what a trial of three seeds takes of it, measured too."""
    whole, held = gpu_memory(scale)
    share = 0 if scale.rehearsed else SHARE
    device = device_of(share)
    below, above = fits(held, 0.8 * SHARE * whole), fits(held, 1.2 * SHARE * whole)
    forget(scale)
    state = scale.trained(scale.config(), device)
    training_gib = peak(scale)
    model = PoseModel.of_member(state.networks, 0, state.config).to(device)
    evaluate(model, Yardstick(scale.people, scale.timed, device))
    numbers = {"share_gib": SHARE * whole / GIB, "training_gib": training_gib, "with_evaluation_gib": peak(scale)}
    return below and not above, {"below_fits": below, "above_fits": above, **numbers}


def forget(scale: Scale) -> None:
    """Give back what torch holds, and begin to look for the most anew."""
    if not scale.rehearsed:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def out_of_memory(scale: Scale) -> Outcome:
    """A trial that does not fit is told in one sentence with the remedy."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = {"width": 16 if scale.rehearsed else 4096}
        mine = load_experiment(experiment(scale, folder, **settings))
        with full(scale):
            try:
                run(mine, scale.people, folder / "mine", threads=1, device=scale.device, compiling="off")
                said = ""
            except UserError as error:
                said = str(error)
    return said.startswith("a trial must fit") and "\n" not in said, {"said": said}


@contextmanager
def full(scale: Scale) -> Iterator[None]:
    """A GPU of which little is left."""
    if scale.rehearsed:
        error = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a capacity of 1 GiB.")
        with mock.patch("acai_ray.training.trainer.step", side_effect=error):
            yield
        return
    torch.cuda.set_per_process_memory_fraction(0.5 * GIB / gpu_memory(scale)[0])
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def gpu_memory(scale: Scale) -> tuple[int, Callable[[int], object]]:
    """All memory of the GPU in bytes, and what takes some of it."""
    if not scale.rehearsed:
        return torch.cuda.get_device_properties(0).total_memory, lambda n: torch.empty(
            n, dtype=torch.uint8, device="cuda"
        )

    def pretended(n: int) -> None:
        if n > SHARE * GIB:
            raise torch.OutOfMemoryError("pretended")

    return GIB, pretended


def fits(held: Callable[[int], object], size: float) -> bool:
    """Whether so many bytes can be had."""
    try:
        held(int(size))
    except torch.OutOfMemoryError:
        return False
    return True


def peak(scale: Scale) -> float:
    """The most memory that torch has held, in GiB."""
    return 0.0 if scale.rehearsed else torch.cuda.max_memory_reserved() / GIB
