"""What keeping `optuna.db` up to date costs in a search of many trials: `python -m benchmarks.history`.

Each trial begins, reports ten epochs and ends; the times are milliseconds of a trial, of the first hundred and of the
last. The last line is JSON.
"""

import argparse
import json
import tempfile
from pathlib import Path

from tests.helpers.growing_history import grown

PART = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        seconds = list(grown(Path(scratch) / "study", iter(range(options.trials))))
        size_mb = (Path(scratch) / "study" / "optuna.db").stat().st_size / 1e6
    first, last = (1000 * sum(part) / len(part) for part in (seconds[:PART], seconds[-PART:]))
    print(f"{first:.1f} ms a trial among the first {PART}, {last:.1f} among the last; the file has {size_mb:.1f} MB")
    print(json.dumps({"first_ms": first, "last_ms": last, "file_mb": size_mb}))


if __name__ == "__main__":
    main()
