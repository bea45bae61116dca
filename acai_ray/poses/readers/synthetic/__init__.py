"""The built-in data: computed people, so that every command works without a download."""

from pathlib import Path

import numpy as np

from acai_ray.common.skeleton import JOINTS, N_JOINTS
from acai_ray.poses.index import index_of, named
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers.synthetic.activities import ACTIVITIES, Activity, complete
from acai_ray.poses.readers.synthetic.kinematics import LIMITS, Array, mirrored, positions, within_limits
from acai_ray.poses.recording import Progress, Recording, Source
from acai_ray.poses.splits import Split

NAME = FORM = "synthetic"
TRAIN: tuple[str, ...] = ("A01", "A02", "A03", "A04", "A05")
SUBJECTS: dict[str, Split] = {**dict.fromkeys(TRAIN, "train"), "A06": "valid", "A07": "test", "A08": "test"}
TAKES, FRAMES, FPS = 2, 32, 10.0
"""How many sequences there are of each activity and subject, their frames, and their frames per second."""

BODY = {
    "left_hip": (0.088, -0.02, 0.0),
    "left_knee": (0.0, -0.402, 0.0),
    "left_ankle": (0.0, -0.43, 0.0),
    "spine": (0.0, 0.27, -0.005),
    "thorax": (0.0, 0.268, 0.005),
    "neck": (0.0, 0.095, 0.012),
    "head": (0.0, 0.098, 0.004),
    "left_shoulder": (0.182, -0.035, 0.0),
    "left_elbow": (0.0, -0.288, 0.0),
    "left_wrist": (0.0, -0.275, 0.0),
}
"""Each joint in its parent's frame at rest, metres, for a mean stature; the right side mirrors the left."""
STATURE_SPREAD, BONE_SPREAD, STYLE_SPREAD = 0.05, 0.035, 0.02
"""How people differ: shares of the stature and of each bone, and of each angle's range that shifts a whole take."""
RESOLUTION = 1e4
"""Positions are rounded to 0.1 mm, so that processors whose sines differ in the last bit give the same data."""


def recognise(path: Path) -> bool:
    """Whether the user gave the name of this data in the place of a path."""
    return path == Path(NAME)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:  # noqa: ARG001
    """One recording for each of eight people at 17 activities; the same seed gives the same poses."""
    people = np.random.default_rng(options.seed).spawn(len(SUBJECTS))
    recordings = [_subject(name, part, rng) for (name, part), rng in zip(SUBJECTS.items(), people, strict=True)]
    return Source(recordings, "Synthetic data: computed people, not recorded ones.", synthetic=True)


def _subject(name: str, part: Split, rng: np.random.Generator) -> Recording:
    takes = [(action, take) for action in ACTIVITIES for take in range(1, TAKES + 1)]
    body = _body(rng)
    performed = [_perform(ACTIVITIES[action], rng) for action, _ in takes]
    facing = np.concatenate([facing for _, facing in performed])
    angles = {joint: np.concatenate([angles[joint] for angles, _ in performed]) for joint in LIMITS}
    world = positions(within_limits(angles), facing, np.broadcast_to(body, (len(facing), N_JOINTS, 3)))
    take_of = np.repeat(np.arange(len(takes)), FRAMES)
    index = index_of(
        len(world),
        subject=name,
        action=named(take_of, [action for action, _ in takes]),
        sequence=named(take_of, [f"{action} {take}" for action, take in takes]),
        frame=np.tile(np.arange(FRAMES), len(takes)),
    )
    poses = np.rint(world * RESOLUTION) / RESOLUTION
    return Recording(f"{NAME}, {name}", poses, index, up="y", fps=FPS, parts={name: part})


def _body(rng: np.random.Generator) -> Array:
    """The `(17, 3)` offsets of one person, who has a stature, and bones a little longer or shorter than it implies."""
    stature = 1 + STATURE_SPREAD * rng.uniform(-1.7, 1.7)
    offsets = np.zeros((N_JOINTS, 3))
    for joint, offset in BODY.items():
        length = stature * (1 + BONE_SPREAD * rng.uniform(-1.7, 1.7))
        offsets[JOINTS.index(joint)] = length * np.array(offset)
        if joint.startswith("left_"):
            offsets[JOINTS.index(joint.replace("left", "right"))] = length * np.array(offset) * [-1, 1, 1]
    return offsets


def _perform(activity: Activity, rng: np.random.Generator) -> tuple[dict[str, Array], Array]:
    """One take of an activity: angles by name, each `(F,)`, and the direction faced `(F,)`, radians."""
    time = np.arange(FRAMES) / FPS
    tempo, phase = rng.uniform(0.8, 1.25), rng.uniform(0, len(activity.keys))
    beats = phase + time * tempo / activity.beat_s
    drawn = _drawn_keys(activity, int(beats[-1]) + 4, rng)
    angles = dict(zip(LIMITS, np.deg2rad(_interpolate(drawn, beats)).T, strict=True))
    facing = rng.uniform(0, 2 * np.pi) + np.deg2rad(activity.turning) * rng.uniform(-1, 1) * time
    return (mirrored(angles) if rng.random() < 0.5 else angles), facing


def _drawn_keys(activity: Activity, count: int, rng: np.random.Generator) -> Array:
    """`(count, angles)` degrees: the keys of the cycle, each drawn anew, and all shifted by a posture of this take."""
    ranges = np.array([[np.broadcast_to(angle, 2) for angle in complete(key).values()] for key in activity.keys])
    low, high = np.take(ranges, np.arange(count) % len(ranges), axis=0).transpose(2, 0, 1)
    width = np.ptp(np.array(list(LIMITS.values())), axis=1)
    keys: Array = rng.uniform(low, high) + activity.spread * width * rng.standard_normal(low.shape)
    keys += STYLE_SPREAD * width * rng.standard_normal(len(width))
    return keys


def _interpolate(keys: Array, beats: Array) -> Array:
    """A smooth curve through the keys (Catmull-Rom); beat 0 is the second key."""
    start, t = beats.astype(int), (beats % 1)[:, None]
    before, first, second, after = (keys[start + step] for step in range(4))
    slope, curve, twist = (
        second - before,
        2 * before - 5 * first + 4 * second - after,
        3 * (first - second) + after - before,
    )
    path: Array = first + 0.5 * t * (slope + t * (curve + t * twist))
    return path
