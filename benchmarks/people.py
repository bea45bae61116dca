"""A table that compares the synthetic people with recorded ones: `python -m benchmarks.people --data PATH`.

A bone's length is the mean of the subjects' medians, ± their standard deviation. Angles are those between bones, over
all poses; several cameras' views of one pose count once.
"""

import argparse

from acai_ray.poses import load
from tests.helpers.people import column


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="recorded people to compare with the synthetic ones")
    options = parser.parse_args()
    sets = [load("synthetic"), *([load(options.data)] if options.data else [])]
    columns = {poses.name: column(poses) for poses in sets}
    rows = [["", *columns], ["---"] * (1 + len(columns))]
    rows += [[name, *(column_of[name] for column_of in columns.values())] for name in column(sets[0])]
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))


if __name__ == "__main__":
    main()
