"""How long a user waits before anything happens: `python -m benchmarks.start`.

This times `--help` of each command, and the whole analysis of a small study (a quick experiment is run first) or of
`--study DIR`. Each time is the fastest of several runs in a process of its own. The baseline is the import of what the
analysis needs: Matplotlib, pandas and Parquet. The last line is JSON.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = ("tune", "train", "data", "analysis")
LIBRARIES = "import matplotlib.figure, pandas, pyarrow.parquet"
QUICK = "search_spaces/experiments/quick.yaml"


def seconds(*arguments: str, runs: int = 3) -> float:
    """Seconds of the fastest run."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, help="a finished study; its report is written again")
    options = parser.parse_args()
    plain = seconds("-c", LIBRARIES)
    print(f"libraries alone {plain:.2f} s")
    helps = {name: seconds("-m", f"acai_ray.{name}", "--help") for name in COMMANDS}
    print("--help: " + ", ".join(f"{name} {taken:.2f} s" for name, taken in helps.items()))
    with tempfile.TemporaryDirectory() as folder:
        study = options.study or Path(folder) / "quick"
        if options.study is None:
            seconds("-m", "acai_ray.train", "--config", QUICK, "--results", folder, runs=1)
        ours = seconds("-m", "acai_ray.analysis", str(study))
    print(f"analysis {ours:.2f} s")
    print(json.dumps({"plain": plain, "ours": ours, "ratio": plain / ours, "help": max(helps.values())}))


if __name__ == "__main__":
    main()
