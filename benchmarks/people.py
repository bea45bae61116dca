"""The synthetic people beside recorded ones, as a table: `python -m benchmarks.people --data PATH`.

Bone lengths are each subject's median; the spread between subjects is their standard deviation. Angles are those
between bones, over all poses; the views of one pose by several cameras do not count twice.
"""

import argparse

from acai_ray.poses import load
from tests.helpers.people import column


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="recorded people to set beside the synthetic ones")
    options = parser.parse_args()
    sets = [load("synthetic"), *([load(options.data)] if options.data else [])]
    columns = {poses.name: column(poses) for poses in sets}
    rows = [["", *columns], ["---"] * (1 + len(columns))]
    rows += [[name, *(found[name] for found in columns.values())] for name in column(sets[0])]
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))


if __name__ == "__main__":
    main()
