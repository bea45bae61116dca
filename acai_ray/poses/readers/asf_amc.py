"""Acclaim motion capture, as the CMU database gives it: motions (AMC) of skeletons (ASF) that lie beside them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from acai_ray.common.errors import UserError
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers import bvh
from acai_ray.poses.readers.bvh import files as motion_files
from acai_ray.poses.readers.bvh.files import START, Take
from acai_ray.poses.readers.bvh.text import Array, Clip
from acai_ray.poses.recording import Progress, Source

FORM = "an AMC file with its ASF beside it, or a folder of them"
SUFFIX, SKELETON = ".amc", ".asf"
RATE = 120.0
"""Frames per second of the CMU database; the files do not say it."""
CHANNELS = ("zrotation", "yrotation", "xrotation")
LARGEST = 1e6
"""Numbers of a motion, and lengths of bones, lie below it."""
MOST_BONES = 500
"""Bones that no skeleton exceeds; a person's has about 30."""


@dataclass(frozen=True)
class Bone:
    """A bone of a skeleton, whose rotations apply in the frame that `axis` turns from the world's.

    Attributes:
        end: `(3,)` its end from its start, in the skeleton's unit, where nothing is turned.
        axis: `(3, 3)` the turned frame.
        angles: the axes about which it turns, in the order of the numbers of a motion; other numbers are empty.
    """

    end: Array
    axis: Array
    angles: tuple[str, ...]


def recognise(path: Path) -> bool:
    """Whether `path` is a motion, or a folder in which motions lie and no BVH files."""
    found = [path] if path.is_file() else motion_files.files(path, (SUFFIX,))
    return any(file.suffix.lower() == SUFFIX and _is_motion(file) for file in found)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:
    """One recording for each motion, as `bvh.read` makes it of a clip; 120 frames a second are assumed."""
    source = bvh.of_clips(path, (SUFFIX,), _clip, options, progress)
    assumed = f"{RATE:g} frames a second assumed, as in the CMU database, since AMC files do not say it"
    return replace(source, notes=[*source.notes, assumed])


def _is_motion(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b":fully-specified" in file.read(START).lower()
    except OSError:
        return False


def _clip(take: Take, content: bytes) -> Clip:
    skeleton = _skeleton_of(take)
    try:
        text = skeleton.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(
            f"{skeleton.name}: a data file must be readable, but is not ({error.strerror}); correct its permissions"
        ) from None
    try:
        bones, parents, degrees = _skeleton(text)
    except (ValueError, IndexError, KeyError) as error:
        raise UserError(
            f"{skeleton.name}: a skeleton must be an Acclaim ASF file, but {error} is missing or wrong; copy it again"
        ) from None
    return clip(bones, parents, _motion(content.decode("utf-8", errors="replace"), bones, degrees, take.origin))


def _skeleton_of(take: Take) -> Path:
    """`07.asf` for `07_01.amc`, or the file of the same name, or the only skeleton of the folder."""
    beside = sorted(file for file in take.path.parent.glob("*") if file.suffix.lower() == SKELETON)
    stem = take.path.stem.lower()
    for wanted in (stem, stem.rpartition("_")[0]):
        if named := [file for file in beside if file.stem.lower() == wanted]:
            return named[0]
    if len(beside) != 1:
        raise UserError(
            f"{take.origin}: its skeleton must lie beside it, as {take.path.stem}{SKELETON} or as the only {SKELETON}, "
            f"but there are {len(beside)}; copy it there"
        )
    return beside[0]


def clip(bones: Mapping[str, Bone], parents: Mapping[str, str], angles: Mapping[str, Array]) -> Clip:
    """A motion as a BVH clip: a node at the start of each bone, which turns it, and an end site for the last ones.

    Args:
        bones: by name, the root first.
        parents: of every bone but the root.
        angles: `(F, angles)` radians of each bone that turns.
    """
    order = list(_depth_first("root", parents))
    last = [name for name in order if name not in parents.values()]
    place = {name: number for number, name in enumerate(order)}
    offsets = [bones[parents[name]].end if name in parents else np.zeros(3) for name in order]
    count = len(next(iter(angles.values())))
    turned = [_channels(bones[name], angles.get(name, np.zeros((count, 0)))) for name in order]
    return Clip(
        names=(*order, *([""] * len(last))),
        parents=(*(place[parents[name]] if name in parents else -1 for name in order), *(place[name] for name in last)),
        offsets=np.array([*offsets, *(bones[name].end for name in last)]),
        channels=(*([CHANNELS] * len(order)), *([()] * len(last))),
        motion=np.concatenate(turned, axis=1),
        fps=RATE,
    )


def _depth_first(name: str, parents: Mapping[str, str]) -> Iterator[str]:
    yield name
    for child in (child for child, parent in parents.items() if parent == name):
        yield from _depth_first(child, parents)


def _channels(bone: Bone, angles: Array) -> Array:
    """`(F, 3)` degrees about z, y and x, in this order, that turn a bone as its own angles do in its own frame."""
    turn = bone.axis @ _rotations(bone.angles, angles) @ bone.axis.T
    y = np.arcsin(np.clip(-turn[:, 2, 0], -1, 1))
    z, x = np.arctan2(turn[:, 1, 0], turn[:, 0, 0]), np.arctan2(turn[:, 2, 1], turn[:, 2, 2])
    degrees: Array = np.degrees(np.stack([z, y, x], axis=1))
    return degrees


def _rotations(axes: Sequence[str], angles: Array) -> Array:
    """`(F, 3, 3)` rotations about the axes, the first one first; `(F, axes)` radians."""
    turned = np.broadcast_to(np.eye(3), (len(angles), 3, 3))
    for column, axis in enumerate(axes):
        if axis in "xyz":
            one, other = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
            cosine, sine = np.cos(angles[:, column]), np.sin(angles[:, column])
            about = np.zeros((len(angles), 3, 3))
            about[:, "xyz".index(axis), "xyz".index(axis)] = 1
            about[:, one, one], about[:, other, other] = cosine, cosine
            about[:, other, one], about[:, one, other] = sine, -sine
            turned = about @ turned
    return turned


def _skeleton(text: str) -> tuple[dict[str, Bone], dict[str, str], bool]:
    """Bones by name, the parent of each, and whether angles are in degrees."""
    lines = [line.split("#")[0].split() for line in text.splitlines()]
    parts: dict[str, list[list[str]]] = {}
    for words in lines:
        if words and words[0].startswith(":"):
            part = parts.setdefault(words[0].lower(), [])
        elif words and parts:
            part.append(words)
    degrees = any(words[0].lower() == "angle" and words[1].lower().startswith("deg") for words in parts[":units"])
    root = {words[0].lower(): words[1:] for words in parts[":root"]}
    axis = _rotations(_axes(root["axis"][0]), _radians(root.get("orientation", ["0"] * 3), degrees)[None])[0]
    bones = {"root": Bone(np.zeros(3), axis, _angles(root["order"]))}
    entry: dict[str, list[str]] = {}
    for words in parts[":bonedata"]:
        if words[0].lower() == "end":
            end = float(entry["length"][0]) * np.array([float(word) for word in entry["direction"]])
            if end.shape != (3,) or not (np.abs(end) < LARGEST).all():
                raise ValueError(f"the length or direction of {entry['name'][0][:40]}")
            turned = _rotations(_axes(entry["axis"][3]), _radians(entry["axis"][:3], degrees)[None])[0]
            bones[entry["name"][0]] = Bone(end, turned, _angles(entry.get("dof", [])))
            entry = {}
        else:
            entry[words[0].lower()] = words[1:]
    parents = {child: words[0] for words in parts[":hierarchy"] for child in words[1:] if words[0] in bones}
    if len(bones) > MOST_BONES or "root" in parents:  # before anything goes from bone to bone
        raise ValueError("a root above all bones, of which there are a few dozen,")
    missing = sorted(bones.keys() - parents.keys() - {"root"}) or sorted(parents.keys() - bones.keys())
    if missing or len([*_depth_first("root", parents)]) != len(bones):
        raise ValueError(f"the place of {', '.join(missing[:3]) or 'a bone'}")
    return bones, parents, degrees


def _axes(word: str) -> str:
    axes = word.lower()
    if sorted(axes) != ["x", "y", "z"]:
        raise ValueError(f"the order {word[:20]!r}")
    return axes


def _angles(words: Sequence[str]) -> tuple[str, ...]:
    """The axis of each number of a motion; empty for one that is no angle."""
    return tuple(word[1].lower() if re.fullmatch(r"[rR][xyzXYZ]", word) else " " for word in words)


def _radians(words: Sequence[str], degrees: bool) -> Array:
    numbers = np.array([float(word) for word in words[:3]])
    if numbers.shape != (3,) or not (np.abs(numbers) < LARGEST).all():
        raise ValueError("an angle")
    return np.radians(numbers) if degrees else numbers


def _motion(text: str, bones: Mapping[str, Bone], degrees: bool, origin: str) -> dict[str, Array]:
    """`(F, numbers)` radians of each bone that turns.

    Raises:
        UserError: a frame lacks a bone, or has other numbers for it than its skeleton says.
    """
    wanted = {name: len(bone.angles) for name, bone in bones.items() if bone.angles}
    found: dict[str, list[list[float]]] = {name: [] for name in wanted}
    frames = 0
    for words in (line.split() for line in text.splitlines()):
        if not words or words[0].startswith((":", "#")):
            continue
        if len(words) == 1 and words[0].isdecimal():
            frames += 1
            continue
        name, numbers = words[0], _numbers(words[1:])
        if frames and numbers is not None and len(numbers) == wanted.get(name) and len(found[name]) == frames - 1:
            found[name].append(numbers)
            continue
        raise UserError(
            f"{origin}: each frame of a motion must give every bone of its skeleton the numbers of its freedoms once, "
            f"but frame {frames} has {' '.join(words)[:60]!r}; copy the file again, or its skeleton"
        )
    short = next((name for name, rows in found.items() if len(rows) != frames), None)
    if not frames or short:
        raise UserError(
            f"{origin}: a motion must hold whole frames, but has {frames}"
            f"{f', and {short} in {len(found[short])} of them' if short else ''}; copy the file again"
        )
    return {name: np.radians(rows) if degrees else np.array(rows) for name, rows in found.items()}


def _numbers(words: Sequence[str]) -> list[float] | None:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return None
    return numbers if all(abs(number) < LARGEST for number in numbers) else None
