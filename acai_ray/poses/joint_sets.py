"""The 17 joints of Human3.6M among those of other skeletons, by a named set (`joint_sets.yaml`) or a user's map."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import RuleError, UserError
from acai_ray.common.skeleton import AXES, JOINTS
from acai_ray.common.yaml_files import read_yaml
from acai_ray.poses.derived_joints import PLACE, RULES, computed, derive, underivable

TABLE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class JointSet:
    """Where the Human3.6M joints are among the joints of an array.

    Attributes:
        name: of the set, or of the file that holds the map.
        title: what it is, in a few words.
        points: for each Human3.6M joint the places whose mean it is; those of `derived_joints.RULES` may be absent.
        count: how many joints the array has; None where the map does not say it.
    """

    name: str
    title: str
    points: Mapping[str, tuple[int, ...]]
    count: int | None

    @property
    def note(self) -> str:
        """A sentence on where the 17 joints are from."""
        missing = computed(self.points)
        rest = f"; computed: {', '.join(missing)}" if missing else ""
        return f"the joints are read as {self.title} (--joints {self.name}){rest}"

    def seventeen(self, poses: NDArray[Any], origin: str) -> NDArray[Any]:
        """The Human3.6M joints of poses.

        Args:
            poses: `(N, J, 3)` or `(N, 3 J)` numbers.
            origin: the file, for messages.

        Returns:
            `(N, 17, 3)`.

        Raises:
            RuleError: the poses have another shape or number of joints.
        """
        joints = self._joints(poses, origin)
        out = np.empty((len(joints), len(JOINTS), AXES), np.result_type(poses.dtype, np.float32))
        for joint, places in self.points.items():
            of_joint = joints[:, list(places)]
            out[:, PLACE[joint]] = of_joint[:, 0] if len(places) == 1 else of_joint.mean(axis=1)
        derive(out, self.points)
        return out

    def _joints(self, poses: NDArray[Any], origin: str) -> NDArray[Any]:
        highest = max(place for places in self.points.values() for place in places)
        wanted = str(self.count) if self.count else f"at least {highest + 1}"
        flat = poses.ndim == 2 and poses.shape[1] % AXES == 0
        joints = poses.reshape(len(poses), -1, AXES) if flat else poses
        fits = joints.ndim == 3 and joints.shape[2] == AXES and poses.dtype.kind in "fiu"
        if not fits or joints.shape[1] <= highest or joints.shape[1] != (self.count or joints.shape[1]):
            raise RuleError(
                origin,
                rule=f"with --joints {self.name}, poses must be numbers of the shape (N, {wanted}, 3)",
                value=f"are {poses.dtype} of {poses.shape}",
                remedy="leave --joints out, or name the set that they have",
            )
        return joints


@cache
def named() -> Mapping[str, JointSet]:
    """All sets of `joint_sets.yaml`, by name."""
    return {name: _named(name, **entry) for name, entry in read_yaml(TABLE).items()}


def with_joints(count: int) -> list[JointSet]:
    """The named sets of so many joints."""
    return [each for each in named().values() if each.count == count]


def chosen(text: str | None) -> JointSet | None:
    """The set that `--joints` means: a name, or a YAML file that gives the place of each Human3.6M joint.

    Raises:
        UserError: it is neither, or the file is no such map.
    """
    if text is None:
        return None
    if text in named():
        return named()[text]
    path = Path(text).expanduser()
    if not path.exists():
        near = difflib.get_close_matches(text, named(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UserError(f"--joints must be one of {', '.join(named())}, or a YAML file, but {text!r} is neither{hint}")
    return _of_file(path)


def _of_file(path: Path) -> JointSet:
    content = read_yaml(path, "a joint map (--joints)")
    if not isinstance(content, dict) or not content.keys() <= set(JOINTS):
        strange = next((key for key in content if key not in JOINTS), None) if isinstance(content, dict) else None
        held = type(content).__name__ if strange is None else f"has {str(strange)[:40]!r}"
        raise UserError(
            f"{path.name}: a joint map must have Human3.6M joints as keys ({', '.join(JOINTS)}), but {held}"
        )
    points = {joint: _places(value, joint, path.name) for joint, value in content.items()}
    if missing := underivable(points):
        raise UserError(
            f"{path.name}: a joint map must name every joint but those that can be computed ({', '.join(RULES)}); "
            f"add {', '.join([joint for joint in missing if joint not in RULES] or missing)}"
        )
    for one, other in combinations(points, 2):
        if set(points[one]) == set(points[other]):
            raise UserError(
                f"{path.name}: joints of a map must lie in different places, but {one} and {other} are both "
                f"{', '.join(map(str, points[one]))}; correct one of them"
            )
    return JointSet(str(path), f"the map {path.name} says", points, None)


def _places(value: Any, joint: str, origin: str) -> tuple[int, ...]:
    places = value if isinstance(value, list) and value else [value]
    if not all(type(place) is int and 0 <= place < 10_000 for place in places):
        raise UserError(
            f"{origin}: for arrays, {joint} must be the place of a joint, counted from 0, or a list of places (their "
            f"mean is meant), but is {str(value)[:60]}; correct it"
        )
    return tuple(places)


def _named(name: str, title: str, joints: str, human36m: Mapping[str, Any] | None = None) -> JointSet:
    order = joints.split()
    given: dict[str, Any] = {joint: joint for joint in JOINTS if joint in order} | dict(human36m or {})
    there = {joint: [parts] if isinstance(parts, str) else parts for joint, parts in given.items() if parts is not None}
    points = {joint: tuple(order.index(part) for part in parts) for joint, parts in there.items()}
    return JointSet(name, title, points, len(order))
