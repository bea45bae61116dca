"""How the programs that write BVH files name the joints of a skeleton."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PARTS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
"""The joints of one side, in the order of a convention's words; in these, the thorax and the neck follow."""
SIDES = {"right": ("right", "r"), "left": ("left", "l")}


@dataclass(frozen=True)
class Convention:
    """How some programs name joints.

    Attributes:
        name: of the programs or data sets.
        words: one word for each of `PARTS`, the thorax and the neck; the word `Leg` for the knee stands for `LeftLeg`,
            `LLeg` or `leg.L`, and `a|b` means a, or else b. The thorax is the joint at the base of the neck, the neck
            is the joint at the base of the skull.
        marks: joints that only this convention has.
        left_out: joints at which the file's conversion left a bone out, so that the joints at its far end lie in the
            joint itself; with the length of that bone as a share of the bone that ends in the joint.
    """

    name: str
    words: str
    marks: tuple[str, ...] = ()
    left_out: Mapping[str, float] = field(default_factory=dict)


CONVENTIONS = (
    Convention(
        "CMU in cgspeed's conversion",
        "UpLeg Leg Foot Arm ForeArm FingerBase Neck1 Head",
        marks=("LowerBack", "LHipJoint"),
        left_out={"Spine1": 1.0, "LeftHand": 0.5, "RightHand": 0.5},
    ),
    Convention("CMU's own names", "femur tibia foot humerus radius wrist upperneck head"),
    Convention("MotionBuilder, Mixamo, LaFAN1", "UpLeg Leg Foot Arm ForeArm Hand Neck|Neck1 Head"),
    Convention("Human3.6M", "Hip Knee Ankle|Foot Shoulder Elbow Wrist Thorax Neck", marks=("Thorax",)),
    Convention("Xsens joints, 100STYLE, SMPL", "Hip Knee Ankle Shoulder Elbow Wrist Neck Head"),
    Convention("Rokoko", "Thigh Shin Foot Arm ForeArm Hand Neck Head"),
    Convention("Xsens segments, Unity, VRM", "UpperLeg LowerLeg Foot UpperArm ForeArm|LowerArm Hand Neck Head"),
    Convention(
        "Biped, Unreal, Character Creator, Valve",
        "Thigh Calf Foot UpperArm ForeArm|LowerArm Hand Neck|Neck01|NeckTwist01|Neck1 Head|Head1",
    ),
    Convention("Blender", "Thigh Shin Foot UpperArm ForeArm Hand Neck Head"),
    Convention("Blender's Rigify", "Thigh Shin Foot UpperArm ForeArm Hand Spine.004 Spine.006"),
    Convention("MakeHuman", "UpperLeg01 LowerLeg01 Foot UpperArm01 LowerArm01 Wrist Neck01 Head"),
    Convention("OptiTrack Motive", "Thigh Shin Foot UArm FArm Hand Neck Head"),
    Convention("Daz, Poser", "Thigh Shin Foot Shldr|Shoulder ForeArm|Elbow Hand Neck Head"),
    Convention("Biovision", "UpLeg LowLeg Foot UpArm LowArm Hand Neck Head"),
)
HEAD_TOPS = ("HeadTop_End", "HeadTop", "Head_End", "HeadEnd", "HeadNub")
"""Names of a joint at the top of the head; without one, the end site of the neck's joint takes its place."""

PREFIX = re.compile(
    r"^(.*:|character\d*[ _]|(valvebiped[. _])?bip\d*[ _]|j_bip_(c_)?|cc_base_|mixamorig\d*[ _]?|skeleton\d*[ _]|"
    r"robot\d*_|b_|[fm]_avg_|(def|org)-)",
    re.IGNORECASE,
)
SUFFIX = re.compile(r"_jnt$", re.IGNORECASE)


def plain(name: str) -> str:
    """A name in lower case without prefix, suffix, spaces and signs: `lthigh` for `Bip01 L Thigh`."""
    return re.sub(r"[\W_]", "", SUFFIX.sub("", PREFIX.sub("", name))).lower()


def places_of(convention: Convention, names: Mapping[str, int]) -> dict[str, int | None]:
    """The place of each Human3.6M joint that a convention names; None where the skeleton lacks the joint.

    Args:
        convention: one of `CONVENTIONS`.
        names: the places of the skeleton's joints by their `plain` names.
    """
    *limbs, thorax, neck = convention.words.split()
    places = {
        f"{side}_{part}": _first(_sided(words, spellings), names)
        for side, spellings in SIDES.items()
        for part, words in zip(PARTS, limbs, strict=True)
    }
    return places | {"thorax": _first(thorax.split("|"), names), "neck": _first(neck.split("|"), names)}


def is_marked(convention: Convention, names: Mapping[str, int]) -> bool:
    """Whether the skeleton has the joints that tell a convention from others."""
    return all(plain(mark) in names for mark in convention.marks)


def left_out(convention: Convention) -> dict[str, float]:
    """`Convention.left_out` with `plain` names of the joints."""
    return {plain(joint): share for joint, share in convention.left_out.items()}


def head_top(names: Mapping[str, int]) -> int | None:
    """The place of a joint at the top of the head; None where there is none."""
    return _first(HEAD_TOPS, names)


def _sided(words: str, spellings: Sequence[str]) -> list[str]:
    return [name for word in words.split("|") for side in spellings for name in (side + word, word + side)]


def _first(candidates: Sequence[str], names: Mapping[str, int]) -> int | None:
    return next((names[plain(name)] for name in candidates if plain(name) in names), None)
