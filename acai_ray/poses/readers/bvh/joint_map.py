"""Which points of a BVH skeleton the Human3.6M joints are, by a known convention or by a user's map."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, TypeAlias

from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import JOINTS
from acai_ray.common.yaml_files import read_yaml
from acai_ray.poses import joint_sets
from acai_ray.poses.readers.bvh import conventions as bvh_joints
from acai_ray.poses.readers.bvh.conventions import CONVENTIONS, PARTS, SIDES, Convention
from acai_ray.poses.readers.bvh.text import Array, Clip

DERIVED = ("pelvis", "spine", "head")
"""Joints that are computed from the others where they are not given."""
SHORTEST_HEAD = 0.02
"""Least distance of an end site at the top of the head from the base of the skull, as a share of the thigh."""

UserMap: TypeAlias = Mapping[str, Sequence[tuple[str, bool]]]
"""For each Human3.6M joint the BVH joints whose mean it is; true where the end site below that joint is meant."""


@dataclass(frozen=True)
class JointMap:
    """Where the Human3.6M joints are in one skeleton.

    Attributes:
        points: for each Human3.6M joint the nodes whose mean it is; joints in `DERIVED` may be absent.
        left_out: for each node where a bone was left out, the length of that bone as a share of the node's own offset.
        convention: the name of the convention; empty with a user's map.
    """

    points: Mapping[str, tuple[int, ...]]
    left_out: Mapping[int, float] = field(default_factory=dict)
    convention: str = ""


def read_map(path: Path) -> UserMap:
    """A user's map of Human3.6M joints to BVH joints.

    A value is the name of a joint, a list of joints (their mean is meant) or `{end: joint}` (the end site below it).

    Raises:
        UserError: the file cannot be read, or is no such map.
    """
    if str(path) in joint_sets.named():
        raise UserError(
            f"for BVH, which names its joints itself, --joints must be a YAML file, but {path} is a joint set of "
            "arrays; leave it out"
        )
    content = read_yaml(path, "a joint map (--joints)")
    if not isinstance(content, dict):
        raise UserError(f"{path.name}: a joint map must hold keys and values, but holds {type(content).__name__}")
    for key in content:
        if key not in JOINTS:
            raise UserError(
                f"{path.name}: the keys of a joint map must be Human3.6M joints, but {str(key)[:40]!r} is none"
                f"{_near(str(key), JOINTS)}"
            )
    missing = [joint for joint in JOINTS if joint not in content and joint not in DERIVED]
    if missing:
        raise UserError(f"{path.name}: a joint map must name every joint but {_list(DERIVED)}; add {_list(missing)}")
    return {joint: [*_entries(value, joint, path.name)] for joint, value in content.items()}


def by_user(clip: Clip, user_map: UserMap, origin: str) -> JointMap:
    """The places of a user's joints in one skeleton.

    Raises:
        UserError: the skeleton lacks one or has it twice, or two joints of the map lie in the same place.
    """
    points = {joint: tuple(_place(clip, *entry, origin) for entry in entries) for joint, entries in user_map.items()}
    for one, other in combinations(points, 2):
        if set(points[one]) == set(points[other]):
            names = _list(list(dict.fromkeys(name for name, _ in user_map[one])))
            raise UserError(
                f"{origin}: joints of a map must lie in different places, but {one} and {other} are both {names}; "
                "correct one of them"
            )
    return JointMap(points)


def by_convention(clip: Clip, origin: str) -> JointMap:
    """The places of the joints in a skeleton that follows a known convention.

    Raises:
        UserError: it follows none, or has a joint twice.
    """
    names = {bvh_joints.plain(name): node for node, name in reversed([*enumerate(clip.names)]) if name}
    tries = [(convention, bvh_joints.places_of(convention, names)) for convention in CONVENTIONS]
    for convention, nodes in tries:
        places = {joint: node for joint, node in nodes.items() if node is not None}
        if len(places) == len(nodes) and bvh_joints.is_marked(convention, names) and _is_body(clip, places):
            _refuse_twice(clip, places, origin)
            return _joint_map(clip, convention, places, names)
    nearest, nodes = min(tries, key=lambda tried: sum(node is None for node in tried[1].values()))
    missing = [joint for joint, node in nodes.items() if node is None]
    lacks = f"{_list(missing)} not found" if missing else "its limbs are no chains"
    raise UserError(
        f"{origin}: a skeleton must name its joints as a known program does, but by the nearest convention "
        f"({nearest.name}) {lacks} among {_list([name for name in clip.names if name])}; say which joint is which "
        "with --joints joints.yml"
    )


def ancestors(clip: Clip, node: int) -> list[int]:
    """The nodes from the root down to `node`, itself included."""
    path = [node]
    while clip.parents[path[-1]] >= 0:
        path.append(clip.parents[path[-1]])
    return path[::-1]


def _joint_map(clip: Clip, convention: Convention, places: Mapping[str, int], names: Mapping[str, int]) -> JointMap:
    points = {joint: (node,) for joint, node in places.items()}
    thigh = _length(clip.offsets[places["left_knee"]])
    top = bvh_joints.head_top(names)
    ends = [end for end in _end_sites(clip, places["neck"]) if _length(clip.offsets[end]) > SHORTEST_HEAD * thigh]
    if top is not None:
        points["head"] = (top,)
    elif ends:
        points["head"] = (ends[0],)
    left_out = {names[name]: share for name, share in bvh_joints.left_out(convention).items() if name in names}
    return JointMap(points, left_out, convention.name)


def _is_body(clip: Clip, places: Mapping[str, int]) -> bool:
    """Whether each limb's joints hang on one another, and the base of the skull on that of the neck."""
    chains = [[places[f"{side}_{part}"] for part in limb] for side in SIDES for limb in (PARTS[:3], PARTS[3:])]
    chains.append([places["thorax"], places["neck"]])
    return all(upper in ancestors(clip, lower) for chain in chains for upper, lower in pairwise(chain))


def _refuse_twice(clip: Clip, places: Mapping[str, int], origin: str) -> None:
    counts = Counter(bvh_joints.plain(name) for name in clip.names if name)
    for node in places.values():
        if counts[bvh_joints.plain(clip.names[node])] > 1:
            raise UserError(
                f"{origin}: a joint must have its own name, but several are called {clip.names[node]!r}; rename them"
            )


def _entries(value: Any, joint: str, origin: str) -> Iterator[tuple[str, bool]]:
    parts = value if isinstance(value, list) and len(value) > 1 else [value]
    for part in parts:
        end = part.get("end") if isinstance(part, dict) and len(part) == 1 else None
        name = part if end is None else end
        if not isinstance(name, str) or not name:
            raise UserError(
                f"{origin}: {joint} must be the name of a BVH joint, a list of two or more, or {{end: name}}, "
                f"but is {str(value)[:60]}; correct it"
            )
        yield name, end is not None


def _place(clip: Clip, name: str, at_end: bool, origin: str) -> int:
    plain = bvh_joints.plain(name)
    exact = [node for node, own in enumerate(clip.names) if own == name]
    alike = exact or [node for node, own in enumerate(clip.names) if own and bvh_joints.plain(own) == plain]
    if len(alike) != 1:
        fault = f"has {len(alike)} of that name; rename them" if alike else f"has none{_near(name, clip.names)}"
        raise UserError(
            f"{origin}: the joint map names {name[:40]!r}, which must be one joint, but the skeleton {fault}"
        )
    if not at_end:
        return alike[0]
    ends = _end_sites(clip, alike[0])
    if not ends:
        raise UserError(
            f"{origin}: the joint map names the end of {name[:40]!r}, but it has no End Site; name a joint instead"
        )
    return ends[0]


def _end_sites(clip: Clip, joint: int) -> list[int]:
    return [node for node, parent in enumerate(clip.parents) if parent == joint and not clip.names[node]]


def _length(offset: Array) -> float:
    return float((offset**2).sum() ** 0.5)


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, [other for other in known if other], n=3, cutoff=0.4)
    return f"; did you mean {_list(near)}?" if near else f"; known are {_list([other for other in known if other])}"


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(name[:40] if name.isprintable() else ascii(name[:40]) for name in names[:40])
    return shown + (f" and {len(names) - 40} more" if len(names) > 40 else "")
