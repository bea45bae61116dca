"""What must be seen on a GPU, once and within 8 minutes: `python -m benchmarks.gpu`; without one, `--rehearse`.

Each part is a process with a time limit of its own, so that one that fails or hangs does not stop the others:

- losses: losses, and weights after 100 steps, are the CPU's to rounding;
- compiled: so are the compiled step's beside the eager one's, both on the GPU;
- nearest: the nearest poses and what lies in balls are the CPU's to the last bit, of hard poses too;
- metrics: every metric of a model is the CPU's to rounding;
- resume: a training that is killed goes on to the same weights;
- memory: a process with a quarter of the GPU gets a quarter of its memory, and a trial fits into it;
- out_of_memory: a trial that does not fit is told in a sentence;
- speed: model-steps a second for 1, 3, 8, 64 and 256 members;
- evaluation: seconds to evaluate a model, with the sizes of the report and of the space `wide`;
- wide: the hours that `wide` would take on one GPU, from the two before.

For each a line says `ok` or `FAILED` with its numbers, and the last line is JSON with all of them. The exit code is 0
if all are right, else 1, and 2 where there is no GPU. `--rehearse` does all of it on the CPU with small sizes, so that
the one run on a GPU is not spent on faults of this script.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import torch

from acai_ray.common.errors import describe
from benchmarks import gpu_equality, gpu_faults, gpu_speed
from benchmarks.gpu_equality import Outcome
from benchmarks.gpu_scale import Scale, on_gpu, rehearsal

Part = Callable[[Scale], Outcome | Iterator[Outcome]]
"""A part gives whether it is right, and its numbers; or these again and again, the more of them it has."""

PARTS: dict[str, tuple[Part, int]] = {
    "losses": (gpu_equality.losses, 45),
    "nearest": (gpu_equality.nearest, 60),
    "metrics": (gpu_equality.metrics, 60),
    "compiled": (gpu_equality.compiled, 90),
    "speed": (gpu_speed.speed, 150),
    "evaluation": (gpu_speed.evaluation, 60),
    "resume": (gpu_faults.resume, 120),
    "memory": (gpu_faults.memory, 45),
    "out_of_memory": (gpu_faults.out_of_memory, 45),
}
"""Each with the seconds it may take, none after `ALL` are over."""

ALL = 480
"""Seconds that all parts may take on a GPU."""

PATIENCE = 5
"""How many times as long each and all of them may take in the rehearsal."""


def outcomes(name: str, rehearsing: bool) -> Iterator[dict[str, Any]]:
    """Do a part here: its numbers so far, each time there are more, and whether it is `ok`."""
    numbers: dict[str, Any] = {}
    try:
        found = PARTS[name][0](rehearsal() if rehearsing else on_gpu())
        for right, numbers in found if isinstance(found, Iterator) else [found]:
            yield {"ok": right, **numbers}
    except Exception as error:  # the others shall still be seen
        yield {**numbers, "ok": False, "error": describe(error)}


def here(name: str, rehearsing: bool) -> dict[str, Any]:
    """Do a part here; all its numbers."""
    *_, last = outcomes(name, rehearsing)
    return last


def in_a_process(name: str, rehearsing: bool, limit: float) -> dict[str, Any]:
    """Do a part in a process of its own, which is killed at a time limit with all that it started."""
    command = [sys.executable, "-m", "benchmarks.gpu", "--part", name, *(["--rehearse"] if rehearsing else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        over = False
        try:
            said, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            over = True
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if over:
            said, _ = process.communicate()
    lines = said.splitlines()
    known = json.loads(lines[-1]) if lines else {"error": f"its process ended with exit code {process.returncode}"}
    return {**known, "ok": False, "error": f"it takes more than {limit:.4g} s"} if over else {"ok": False, **known}


def limit_of(name: str, rehearsing: bool, taken: float) -> float:
    """The seconds that a part may take, after so many that others have taken."""
    longer = PATIENCE if rehearsing else 1
    return max(0.01, min(PARTS[name][1] * longer, ALL * longer - taken))


def wide_hours(found: dict[str, dict[str, Any]], rehearsing: bool) -> dict[str, Any]:
    """The hours of the space `wide`, from the times that two parts measured."""
    try:
        scale = rehearsal() if rehearsing else on_gpu()
        rate, seconds = found["speed"]["model_steps_per_s"]["3"], found["evaluation"]["wide_later_s"]
        return {"ok": True, "wide_hours": gpu_speed.wide_hours(scale, rate, seconds)}
    except Exception as error:  # a part that failed, for instance
        return {"ok": False, "error": describe(error)}


def device_name() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rehearse", action="store_true", help="on the CPU, with small sizes")
    parser.add_argument("--part", choices=PARTS, help="one part alone, in this process")
    parser.add_argument("--here", nargs="+", choices=PARTS, metavar="PART", help="some parts, all in this process")
    parser.add_argument("--limit", type=float, metavar="S", help="seconds that each part may take instead of its own")
    options = parser.parse_args()
    if not options.rehearse and not torch.cuda.is_available():
        print("error: this needs a GPU that torch sees, but there is none; give --rehearse", file=sys.stderr)
        return 2
    if options.part:
        for part in outcomes(options.part, options.rehearse):
            print(json.dumps(part), flush=True)
        return 0 if part["ok"] else 1
    started, found = time.monotonic(), {}
    for name in options.here or PARTS:
        limit = options.limit or limit_of(name, options.rehearse, time.monotonic() - started)
        found[name] = here(name, options.rehearse) if options.here else in_a_process(name, options.rehearse, limit)
        tell(name, found[name])
    found["wide"] = wide_hours(found, options.rehearse)
    tell("wide", found["wide"])
    about = {"device": device_name(), "rehearsed": options.rehearse, "seconds": round(time.monotonic() - started)}
    print(json.dumps({**about, **found}))
    return 0 if all(part["ok"] for part in found.values()) else 1


def tell(name: str, part: dict[str, Any]) -> None:
    numbers = {key: value for key, value in part.items() if key != "ok"}
    print(f"{'ok' if part['ok'] else 'FAILED'} {name}: {json.dumps(numbers)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
