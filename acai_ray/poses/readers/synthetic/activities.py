"""What the synthetic people do: key poses in degrees, as data.

A key that does not name an angle has that of quiet standing. A name without `left_` or `right_` holds for both sides. A
pair of numbers is a range, from which a value is drawn anew each time the key is reached.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from acai_ray.poses.readers.synthetic.kinematics import LIMITS, SIDED_LIMITS, SIGN_FLIPS, SWAPPED

Angle = float | tuple[float, float]
Key = dict[str, Angle]

STANDING: Key = {
    "spine_flex": 4,
    "hip_flex": 3,
    "hip_abd": 4,
    "hip_twist": 6,
    "knee": 6,
    "shoulder_flex": 3,
    "shoulder_abd": 10,
    "shoulder_twist": -8,
    "elbow": 18,
}


@dataclass(frozen=True)
class Activity:
    """A cycle of key poses.

    Attributes:
        keys: the poses of the cycle, passed through one after another, again and again.
        beat_s: seconds from a key to the next.
        spread: standard deviation of the angles around a key, as a share of each angle's range.
        turning: most degrees per second by which the person turns around.
    """

    keys: tuple[Key, ...]
    beat_s: float
    spread: float = 0.025
    turning: float = 10.0


def complete(key: Key) -> dict[str, Angle]:
    """The key with every angle of the figure named."""
    full: dict[str, Angle] = {}
    for source in (STANDING, key):
        for name, angle in source.items():
            full |= {f"{side}_{name}": angle for side in ("left", "right")} if name in SIDED_LIMITS else {name: angle}
    return {name: full.get(name, 0.0) for name in LIMITS}


def swapped(key: Key) -> Key:
    """The key with left and right exchanged."""
    return {SWAPPED.get(name, name): _swapped_sign(name, angle) for name, angle in key.items()}


def _swapped_sign(name: str, angle: Angle) -> Angle:
    if name not in SIGN_FLIPS:
        return angle
    return (-angle[1], -angle[0]) if isinstance(angle, tuple) else -angle


STRIKE: Key = {
    "spine_twist": 5,
    "right_hip_flex": 26,
    "right_knee": 5,
    "left_hip_flex": -14,
    "left_knee": 16,
    "left_shoulder_flex": 24,
    "left_elbow": 30,
    "right_shoulder_flex": -20,
}
PASSING: Key = {"right_hip_flex": 4, "right_knee": 10, "left_hip_flex": 22, "left_knee": 58}
FLIGHT: Key = {
    "pelvis_lean": 8,
    "spine_twist": 8,
    "right_hip_flex": 58,
    "right_knee": 75,
    "left_hip_flex": -18,
    "left_knee": 30,
    "elbow": 90,
    "left_shoulder_flex": 38,
    "right_shoulder_flex": -42,
}
LANDING: Key = {
    "pelvis_lean": 8,
    "right_hip_flex": 26,
    "right_knee": 26,
    "left_hip_flex": 4,
    "left_knee": 100,
    "elbow": 88,
    "shoulder_flex": 2,
}
GESTURE: Key = {"shoulder_flex": (-5, 75), "shoulder_abd": (5, 45), "shoulder_twist": (-45, 20), "elbow": (20, 120)}
GLANCE: Key = {"neck_twist": (-40, 40), "neck_flex": (-10, 25), "spine_twist": (-12, 12)}
SEATED: Key = {
    "pelvis_lean": (-14, 6),
    "spine_flex": (5, 22),
    "hip_flex": (78, 95),
    "hip_abd": (4, 16),
    "left_knee": (70, 105),
    "right_knee": (70, 105),
}

ACTIVITIES: Mapping[str, Activity] = {
    "walk": Activity((STRIKE, PASSING, swapped(STRIKE), swapped(PASSING)), beat_s=0.27, spread=0.015, turning=25),
    "run": Activity((FLIGHT, LANDING, swapped(FLIGHT), swapped(LANDING)), beat_s=0.18, spread=0.015, turning=25),
    "talk": Activity((GLANCE | GESTURE,), beat_s=0.9),
    "sit": Activity(
        (SEATED | GLANCE | {"shoulder_flex": (10, 35), "shoulder_twist": (-35, 0), "elbow": (45, 90)},), beat_s=1.6
    ),
    "sit_talk": Activity((SEATED | GLANCE | GESTURE,), beat_s=0.9),
    "squat": Activity(
        (
            {},
            {
                "pelvis_lean": (15, 35),
                "spine_flex": 15,
                "hip_flex": (85, 118),
                "hip_abd": 18,
                "hip_twist": 15,
                "knee": (85, 130),
                "shoulder_flex": (40, 95),
                "elbow": (5, 60),
            },
        ),
        beat_s=1.0,
    ),
    "reach": Activity(
        (
            {},
            {
                "spine_flex": (-5, 45),
                "spine_twist": (-30, 30),
                "spine_side": (-20, 20),
                "right_shoulder_flex": (40, 165),
                "right_shoulder_abd": (-15, 70),
                "right_elbow": (5, 40),
                "left_hip_flex": (-10, 10),
            },
        ),
        beat_s=0.8,
        spread=0.035,
    ),
    "wave": Activity(
        (
            GLANCE | {"right_shoulder_abd": (85, 135), "right_shoulder_twist": 35, "right_elbow": (25, 50)},
            GLANCE | {"right_shoulder_abd": (85, 135), "right_shoulder_twist": 35, "right_elbow": (75, 115)},
        ),
        beat_s=0.4,
    ),
    "kick": Activity(
        (
            {"right_hip_flex": -18, "right_knee": (50, 90), "left_knee": 12, "shoulder_abd": 25, "elbow": 35},
            {
                "pelvis_lean": -12,
                "right_hip_flex": (45, 100),
                "right_knee": (5, 35),
                "left_knee": 12,
                "left_shoulder_flex": 40,
                "shoulder_abd": 35,
                "elbow": 40,
            },
            {},
        ),
        beat_s=0.35,
    ),
    "punch": Activity(
        (
            {"hip_flex": 14, "knee": 24, "shoulder_flex": 35, "shoulder_twist": -15, "elbow": 125, "spine_twist": -10},
            {
                "hip_flex": 14,
                "knee": 24,
                "shoulder_flex": 35,
                "elbow": 125,
                "right_shoulder_flex": (75, 100),
                "right_elbow": (5, 25),
                "spine_twist": 28,
            },
        ),
        beat_s=0.35,
        turning=40,
    ),
    "turn": Activity((GLANCE | {"spine_twist": (-35, 35), "shoulder_abd": (8, 30)},), beat_s=0.7, turning=110),
    "pick_up": Activity(
        (
            {},
            {
                "pelvis_lean": (35, 70),
                "spine_flex": (30, 60),
                "hip_flex": (45, 85),
                "knee": (15, 70),
                "neck_flex": -15,
                "shoulder_flex": (55, 90),
                "elbow": (5, 30),
            },
            {"shoulder_flex": (30, 60), "elbow": (60, 100)},
        ),
        beat_s=0.9,
    ),
    "lunge": Activity(
        (
            {},
            {
                "right_hip_flex": (70, 95),
                "right_knee": (75, 100),
                "left_hip_flex": (-22, 0),
                "left_knee": (15, 70),
                "shoulder_abd": (8, 60),
                "elbow": (15, 80),
            },
        ),
        beat_s=0.9,
    ),
    "jump": Activity(
        (
            {"pelvis_lean": 25, "spine_flex": 20, "hip_flex": (55, 85), "knee": (60, 95), "shoulder_flex": -40},
            {"hip_flex": (-10, 20), "knee": (0, 40), "shoulder_flex": (60, 165), "shoulder_abd": (10, 60)},
        ),
        beat_s=0.4,
    ),
    "phone": Activity(
        (GLANCE | {"right_shoulder_flex": (25, 50), "right_shoulder_abd": (10, 35), "right_elbow": (128, 143)},),
        beat_s=1.2,
    ),
    "dance": Activity(
        (
            {
                "spine_side": (-20, 20),
                "spine_twist": (-25, 25),
                "shoulder_flex": (-20, 110),
                "shoulder_abd": (10, 120),
                "elbow": (10, 110),
                "left_hip_flex": (-10, 55),
                "right_hip_flex": (-10, 55),
                "left_hip_abd": (0, 35),
                "right_hip_abd": (0, 35),
                "left_knee": (5, 90),
                "right_knee": (5, 90),
            },
        ),
        beat_s=0.45,
        turning=90,
    ),
    "lie": Activity(
        (
            {
                "pelvis_lean": (-88, -75),
                "left_hip_flex": (0, 60),
                "right_hip_flex": (0, 60),
                "left_knee": (5, 100),
                "right_knee": (5, 100),
                "shoulder_abd": (10, 90),
                "elbow": (5, 90),
            },
        ),
        beat_s=1.8,
    ),
}
