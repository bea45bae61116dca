"""What the checks of bodies measure of real people, beside their limits: `python -m benchmarks.false_alarms [DATA]`.

For each person and each camera alone, and for the poses that are upright, sitting, lying, on their hands or on all
fours: the value nearest to each limit, whose it is, and how many of the people would be refused. No check may refuse
anybody; the last line counts those that do, over all.
"""

import argparse
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from acai_ray import poses
from acai_ray.common.skeleton import JOINTS
from acai_ray.poses import PoseSet, body_checks, people_checks
from acai_ray.poses.bending import ELBOWS, KNEES, clear_bends

Poses = NDArray[np.float32]
FEWEST = 20
"""Poses of a person from which on they are judged here."""


def postures(some: Poses) -> Mapping[str, NDArray[np.bool_]]:
    """Which poses `(N, 17, 3)` are of each kind; camera axes, y down."""
    up = -_unit(some[:, JOINTS.index("thorax")])[:, 1]
    thighs = np.mean([_unit(some[:, knee] - some[:, hip])[:, 1] for hip, knee, _ in KNEES], axis=0)
    hands = some[:, [wrist for _, _, wrist in ELBOWS], 1].mean(axis=1)
    feet = some[:, [ankle for _, _, ankle in KNEES], 1].mean(axis=1)
    return {
        "all": np.ones(len(some), bool),
        "upright": (up > 0.9) & (thighs > 0.9),
        "sitting": (up > 0.7) & (np.abs(thighs) < 0.5),
        "lying": (np.abs(up) < 0.4) & (np.abs(hands) < 0.35) & (np.abs(feet) < 0.35),
        "on hands": up < -0.6,
        "on all fours": (np.abs(up) < 0.5) & (hands > 0.3) & (feet > 0.1),
    }


def _unit(vectors: Poses) -> Poses:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


MEASURES: Mapping[str, tuple[Callable[[Poses], float], Callable[[float], bool]]] = {
    "median height (m)": (
        lambda some: float(np.median(body_checks.heights(some))),
        lambda value: not body_checks.HEIGHTS[0] <= value <= body_checks.HEIGHTS[1],
    ),
    "least step of the trunk (m)": (
        lambda some: float(body_checks.trunk_steps(some).min()),
        lambda value: value < -body_checks.FALLING,
    ),
    "knees that point forwards": (
        lambda some: _share(some, KNEES, people_checks.ENOUGH_BENT_KNEES, 1.0),
        lambda value: value < 0.5,
    ),
    "elbows that point forwards": (
        lambda some: _share(some, ELBOWS, people_checks.ENOUGH_BENT_ELBOWS, 0.0),
        lambda value: value > people_checks.MOST_FORWARD_ELBOWS,
    ),
}
"""What is measured of a person's poses, and whether the value would be refused."""


def _share(some: Poses, limbs: list[tuple[int, int, int]], enough: int, few: float) -> float:
    bends = clear_bends(some, limbs)
    return float(bends.mean()) if len(bends) >= enough else few


def table(people: PoseSet) -> int:
    """Print the table of a data set, and return how many alarms there were."""
    alarms = 0
    subject = people.index["subject"].astype(str).to_numpy()
    camera = people.index["camera"].astype(str).to_numpy()
    kinds = postures(people.poses)
    print(f"{people.name}: depth of each camera alone, at least {body_checks.FLATTEST:g}:", end=" ")
    depths = {name: body_checks.depth_share(people.poses[camera == name]) for name in np.unique(camera)}
    print(", ".join(f"{depth:.2f}" for depth in depths.values()))
    alarms += sum(depth < body_checks.FLATTEST for depth in depths.values())
    for kind, rows in kinds.items():
        own = {who: people.poses[rows & (subject == who)] for who in people.subjects()}
        judged = {who: some for who, some in own.items() if len(some) >= FEWEST}
        for name, (measure, refused) in MEASURES.items():
            values = {who: measure(some) for who, some in judged.items()}
            if values:
                wrong = sum(map(refused, values.values()))
                alarms += wrong
                low, high = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
                print(
                    f"{kind:13} {name:28} {values[low]:6.3f} ({low}) to {values[high]:6.3f} ({high}), "
                    f"{wrong} of {len(values)} people refused"
                )
    return alarms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", default=["synthetic"])
    print(f"false alarms: {sum(table(poses.load(name)) for name in parser.parse_args().data)}")


if __name__ == "__main__":
    main()
