"""An evaluation with this program and with an earlier one, in turn: `python -m benchmarks.before FOLDER --model MODEL`.

FOLDER is a checkout of the earlier version, such as `git worktree add` makes. Each evaluation has a process and one
thread of its own; what is prepared once for all models and compiled once for all processes is not timed. Times are
those of the processor, since others may use the machine, and with `--rounds` the lowest of each. All rows are compared.
With `--controls` this program's controls are timed too, beside the time of a model. The last line is JSON.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ONE = Path(__file__).with_name("one_evaluation.py")
CONTROLS = ("real", "mean", "linear", "pca", "shrunk", "untrained")
"""All but `chaos`, which is a model like any other."""

Told = dict[str, Any]


def told(program: Path, options: argparse.Namespace, *every: str) -> Iterator[Told]:
    """What evaluations with a program gave."""
    environment = {**os.environ, "PYTHONPATH": str(program), "OMP_NUM_THREADS": "1"}
    given = [sys.executable, str(ONE), options.data, options.model, options.sizes, *every]
    done = subprocess.run(given, env=environment, cwd=program, check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        one = json.loads(line)
        print(f"{program.name:>12} {one['what']:>10} {one['processor_s']:8.1f} s of the processor,", end=" ")
        print(f"{one['wall_s']:.1f} s in all, {one['peak_mb']:.0f} MB at most", flush=True)
        yield one


def difference(a: list[Told], b: list[Told]) -> tuple[int, float]:
    """How many numbers of two evaluations' rows differ, and by how much at most, as a share of the larger."""
    assert [row.keys() for row in a] == [row.keys() for row in b]
    pairs = [(x, y) for one, other in zip(a, b, strict=True) for x, y in zip(one.values(), other.values(), strict=True)]
    unequal = [abs(x - y) / max(abs(x), abs(y)) for x, y in pairs if x != y]
    return len(unequal), max(unequal, default=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a checkout of the earlier program")
    parser.add_argument("--data", required=True, help="people to measure on")
    parser.add_argument("--model", required=True, help="a saved model's folder")
    parser.add_argument("--sizes", default="{}", help="sizes of the evaluation as JSON (default: the report's)")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--controls", action="store_true", help="time the controls, too")
    options = parser.parse_args()
    ours: list[Told] = []
    earlier: list[Told] = []
    for _ in range(options.rounds):
        earlier += told(options.folder.resolve(), options, "model")
        ours += told(Path.cwd(), options, "model")
    times = {"before": earlier, "now": ours}
    seconds = {name: min(one["processor_s"] for one in each) for name, each in times.items()}
    unequal, largest = difference(earlier[0]["rows"], ours[0]["rows"])
    print(f"{unequal} numbers of {len(ours[0]['rows'])} rows differ, by a share of {largest:.1e} at most")
    numbers = {**seconds, "ratio": seconds["before"] / seconds["now"], "unequal": unequal, "largest": largest}
    if options.controls:
        controls = sum(one["processor_s"] for one in told(Path.cwd(), options, *CONTROLS))
        numbers |= {"controls": controls, "controls_in_models": controls / seconds["now"]}
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()
