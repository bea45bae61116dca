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
from contextlib import suppress
from typing import Any

import torch

from acai_ray.common.errors import describe
from benchmarks import gpu_equality, gpu_faults, gpu_speed
from benchmarks.gpu_scale import on_gpu, rehearsal

PARTS = {
    "losses": (gpu_equality.losses, 40),
    "compiled": (gpu_equality.compiled, 60),
    "nearest": (gpu_equality.nearest, 60),
    "metrics": (gpu_equality.metrics, 50),
    "resume": (gpu_faults.resume, 70),
    "memory": (gpu_faults.memory, 40),
    "out_of_memory": (gpu_faults.out_of_memory, 30),
    "speed": (gpu_speed.speed, 80),
    "evaluation": (gpu_speed.evaluation, 50),
}
"""Each with the seconds it may take; 8 minutes in all."""

PATIENCE = 5
"""How many times as long it may take in the rehearsal."""


def measured(name: str, rehearsing: bool) -> dict[str, Any]:
    """Do a part here; its numbers, and whether it is `ok`."""
    try:
        right, numbers = PARTS[name][0](rehearsal() if rehearsing else on_gpu())
    except Exception as error:  # the others shall still be seen
        return {"ok": False, "error": describe(error)}
    return {"ok": right, **numbers}


def in_a_process(name: str, rehearsing: bool, limit: float | None) -> dict[str, Any]:
    """Do a part in a process of its own, which is killed at its time limit with all that it started."""
    limit = limit or PARTS[name][1] * (PATIENCE if rehearsing else 1)
    command = [sys.executable, "-m", "benchmarks.gpu", "--part", name, *(["--rehearse"] if rehearsing else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            said, _ = process.communicate(timeout=limit)
            return dict(json.loads(said.splitlines()[-1]))
        except subprocess.TimeoutExpired:
            return {"ok": False, "error": f"it takes more than its {limit:g} s"}
        except (ValueError, IndexError):
            return {"ok": False, "error": f"its process ended with exit code {process.returncode}"}
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


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
        part = measured(options.part, options.rehearse)
        print(json.dumps(part))
        return 0 if part["ok"] else 1
    started, found = time.monotonic(), {}
    for name in options.here or PARTS:
        rehearsing = options.rehearse
        found[name] = measured(name, rehearsing) if options.here else in_a_process(name, rehearsing, options.limit)
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
