"""Drivers killed at random moments: `python -m benchmarks.kills --rounds 20`.

A small study is run once to its end. Then, in every round, the same command is run in a fresh folder, its process is
killed with −9 at random moments, and each time the same command goes on until the study is done. One line for each
round says when it was killed, how many trials had ended by then, and what was lost or changed compared with the study
that was left alone. Nothing should be.

A moment is a random number of finished trials and a random part of the time of the next one, not a time since the
start: so the moments cover start, training, measuring and confirmation alike, even on a machine that gets busier.

With `--concurrent 2` what a search suggests depends on which trial ends first, so no two searches are alike. Then this
must hold: finished files stay as they are, started trials keep their settings, in the end every trial of the search
is there once and done, no two have the same settings, and the confirmed ones are those that the results ask for.
"""

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

import yaml

from tests.helpers.kills import SPACES, one_round, to_its_end


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    parser.add_argument("--kills", type=int, default=1, metavar="N", help="kills in a round (default: 1)")
    parser.add_argument("--kind", choices=sorted(SPACES), default="grid")
    parser.add_argument("--concurrent", type=int, default=1, metavar="N", help="trials at once (default: 1)")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    options = parser.parse_args()
    moments, bad = random.Random(options.seed), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        space = folder / "space.yaml"
        space.write_text(yaml.safe_dump(SPACES[options.kind]), encoding="utf-8")
        spans = to_its_end(space, folder / "whole", options.concurrent)
        whole = folder / "whole" if options.kind == "grid" or options.concurrent == 1 else None
        print(f"left alone: {len(spans)} trials in {sum(spans):.0f} s, the first in {spans[0]:.0f} s", flush=True)
        for number in range(options.rounds):
            at = sorted(moments.uniform(0, len(spans)) for _ in range(options.kills))
            place = folder / f"round{number}"
            kills, lost = one_round(space, whole, place, at, spans, options.concurrent)
            told = ", ".join(f"{kill.after_s:.1f} s ({kill.ended} trials ended)" for kill in kills)
            print(f"round {number + 1}: killed after {told}; lost: {'; '.join(lost) or 'nothing'}", flush=True)
            bad += bool(lost)
    print(json.dumps({"rounds": options.rounds, "kills": options.rounds * options.kills, "rounds_with_loss": bad}))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
