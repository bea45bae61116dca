"""BVH files of computed people in the naming of several programs, whose joints are known without reading them.

Joint positions come from matrices composed here with scipy, not from the library that reads the files.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from acai_ray.common.skeleton import JOINTS

ORDERS = ("ZXY", "ZYX", "XYZ", "YXZ", "YZX", "XZY")
Z_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""From axes with y up to axes with z up."""
X_UP = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
DOWN = np.diag([-1.0, -1, 1])

CENTRAL = {
    "hips": ("", (0, 0, 0)),
    "back": ("hips", (0, 0.17, 0)),
    "thorax": ("back", (0, 0.27, 0)),
    "neck": ("thorax", (0, 0.1, 0.01)),
    "head.end": ("neck", (0, 0.1, 0)),
}
SIDED = {
    "hip": ("hips", (0.09, -0.1, 0)),
    "knee": ("hip", (0, -0.4, 0)),
    "ankle": ("knee", (0, -0.43, 0)),
    "foot.end": ("ankle", (0, -0.06, 0.13)),
    "collar": ("back", (0.02, 0.25, 0)),
    "shoulder": ("collar", (0.16, 0, 0)),
    "elbow": ("shoulder", (0.29, 0, 0)),
    "wrist": ("elbow", (0.277, 0, 0)),
    "hand.end": ("wrist", (0.08, 0, 0)),
}
"""Parent and place in its frame at rest, metres, y up, facing +z; the left side is given, a dot marks an end."""

DEGREES = {
    "hips": (5, 8, 3),
    "hip": (-30, 4, 3),
    "knee": (45, 2, 1),
    "back": (8, 4, 3),
    "thorax": (5, 9, 2),
    "shoulder": (10, -20, -65),
    "elbow": (3, -50, 5),
}
"""Mean turns about x, y and z; of the others a little."""


@dataclass(frozen=True)
class Bone:
    """A node of a skeleton; `written` is its offset in the file where that is not the true one."""

    parent: str
    offset: tuple[float, float, float]
    written: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Style:
    """How a file is written."""

    names: dict[str, str]
    unit: float = 0.01
    axes: np.ndarray = field(default_factory=lambda: np.eye(3))
    rest: int = 0
    frame_time: str = "0.0333333"
    scale: float = 1.0


def skeleton(scale=1.0):
    """The nodes by role, parents first."""
    bones = {role: Bone(parent, tuple(np.multiply(offset, scale))) for role, (parent, offset) in CENTRAL.items()}
    for side, sign in (("left", 1), ("right", -1)):
        for role, (parent, offset) in SIDED.items():
            parent = f"{side}_{parent}" if parent in SIDED else parent
            bones[f"{side}_{role}"] = Bone(parent, tuple(np.multiply(offset, scale) * [sign, 1, 1]))
    return bones


def cmu_skeleton():
    """As cgspeed's conversion has it: the bones below neck and collars and those of the wrists are left out."""
    bones = {"hips": Bone("", (0, 0, 0)), "lowerback": Bone("hips", (0, 0, 0))}
    bones |= {"low": Bone("lowerback", (0, 0.12, 0)), "back": Bone("low", (0, 0.1, 0))}
    bones |= {"lowerneck": Bone("back", (0, 0.1, 0), (0, 0, 0)), "thorax": Bone("lowerneck", (0, 0.09, 0))}
    bones |= {"neck": Bone("thorax", (0, 0.1, 0)), "head.end": Bone("neck", (0, 0.09, 0))}
    for side, sign in (("left", 1), ("right", -1)):
        bones |= {
            f"{side}_hipjoint": Bone("hips", (0, 0, 0)),
            f"{side}_hip": Bone(f"{side}_hipjoint", (0.09 * sign, -0.1, 0)),
            f"{side}_knee": Bone(f"{side}_hip", (0, -0.4, 0)),
            f"{side}_ankle": Bone(f"{side}_knee", (0, -0.43, 0)),
            f"{side}_collar": Bone("back", (0, 0.1, 0), (0, 0, 0)),
            f"{side}_shoulder": Bone(f"{side}_collar", (0.19 * sign, 0.05, 0)),
            f"{side}_elbow": Bone(f"{side}_shoulder", (0.29 * sign, 0, 0)),
            f"{side}_hand": Bone(f"{side}_elbow", (0.18 * sign, 0, 0)),
            f"{side}_wrist": Bone(f"{side}_hand", (0.09 * sign, 0, 0), (0, 0, 0)),
        }
    return bones


def named(limbs, central, left="Left{}", right="Right{}"):
    """Names by role; `limbs` are hip, knee, ankle, collar, shoulder, elbow and wrist."""
    roles = ("hip", "knee", "ankle", "collar", "shoulder", "elbow", "wrist")
    names = dict(zip(("hips", "back", "thorax", "neck"), central.split("|"), strict=True))
    for side, form in (("left", left), ("right", right)):
        names |= {f"{side}_{role}": form.format(word) for role, word in zip(roles, limbs.split("|"), strict=True)}
    return names


CMU_NAMES = named("UpLeg|Leg|Foot|Shoulder|Arm|ForeArm|FingerBase", "Hips|Spine1|Neck1|Head") | {
    "lowerback": "LowerBack",
    "low": "Spine",
    "lowerneck": "Neck",
    "left_hand": "LeftHand",
    "right_hand": "RightHand",
    "left_hipjoint": "LHipJoint",
    "right_hipjoint": "RHipJoint",
}
BIPED = ("Bip01 L {}", "Bip01 R {}")
STYLES = {
    "MotionBuilder": Style(named("UpLeg|Leg|Foot|Shoulder|Arm|ForeArm|Hand", "Hips|Spine1|Neck|Head")),
    "MotionBuilder, character": Style(
        named(
            "UpLeg|Leg|Foot|Shoulder|Arm|ForeArm|Hand",
            "Hips|Spine1|Neck|Head",
            "Character1_Left{}",
            "Character1_Right{}",
        )
    ),
    "Mixamo": Style(
        named(
            "UpLeg|Leg|Foot|Shoulder|Arm|ForeArm|Hand",
            "mixamorig:Hips|mixamorig:Spine|mixamorig:Neck|mixamorig:Head",
            "mixamorig:Left{}",
            "mixamorig:Right{}",
        ),
        axes=Z_UP,
    ),
    "100STYLE": Style(named("Hip|Knee|Ankle|Collar|Shoulder|Elbow|Wrist", "Hips|Chest3|Neck|Head"), unit=0.0254),
    "SMPL": Style(
        named("Hip|Knee|Ankle|Collar|Shoulder|Elbow|Wrist", "Pelvis|Spine3|Neck|Head", "L_{}", "R_{}"), unit=1.0
    ),
    "Rokoko": Style(named("Thigh|Shin|Foot|Shoulder|Arm|ForeArm|Hand", "Hips|Spine4|Neck|Head")),
    "Xsens": Style(
        named("UpperLeg|LowerLeg|Foot|Shoulder|UpperArm|ForeArm|Hand", "Pelvis|T8|Neck|Head"), unit=0.001, axes=Z_UP
    ),
    "Unity": Style(named("UpperLeg|LowerLeg|Foot|Shoulder|UpperArm|LowerArm|Hand", "hips|chest|neck|head"), unit=1.0),
    "Biped": Style(
        named("Thigh|Calf|Foot|Clavicle|UpperArm|Forearm|Hand", "Bip01|Bip01 Spine2|Bip01 Neck|Bip01 Head", *BIPED),
        unit=0.3048,
        axes=Z_UP,
    ),
    "Unreal": Style(
        named("thigh|calf|foot|clavicle|upperarm|lowerarm|hand", "pelvis|spine_03|neck_01|head", "{}_l", "{}_r")
    ),
    "Daz": Style(named("Thigh|Shin|Foot|Collar|Shldr|ForeArm|Hand", "hip|chest|neck|head", "l{}", "r{}"), unit=0.0254),
    "Blender": Style(
        named("thigh|shin|foot|shoulder|upper_arm|forearm|hand", "hips|chest|neck|head", "{}.L", "{}.R"), axes=Z_UP
    ),
    "Biovision": Style(named("UpLeg|LowLeg|Foot|Collar|UpArm|LowArm|Hand", "Hips|Chest|Neck|Head"), unit=0.1),
    "CMU's own": Style(
        named("femur|tibia|foot|clavicle|humerus|radius|wrist", "root|thorax|upperneck|head", "l{}", "r{}"),
        unit=0.0254 / 0.45,
    ),
    "Human3.6M": Style(
        named("Hip|Knee|Foot|Collar|Shoulder|Elbow|Wrist", "Hips|Spine|Thorax|Neck", "L{}", "R{}"), unit=0.001
    ),
    "OptiTrack Motive": Style(
        named("Thigh|Shin|Foot|Shoulder|UArm|FArm|Hand", "Hip|Chest|Neck|Head", "L{}", "R{}"), unit=1.0
    ),
    "MakeHuman": Style(
        named(
            "upperleg01|lowerleg01|foot|clavicle|upperarm01|lowerarm01|wrist",
            "root|spine01|neck01|head",
            "{}.L",
            "{}.R",
        ),
        unit=0.1,
    ),
    "Rigify": Style(
        named(
            "thigh|shin|foot|shoulder|upper_arm|forearm|hand",
            "DEF-spine|DEF-spine.003|DEF-spine.004|DEF-spine.006",
            "DEF-{}.L",
            "DEF-{}.R",
        ),
        axes=Z_UP,
    ),
    "Valve": Style(
        named(
            "Thigh|Calf|Foot|Clavicle|UpperArm|Forearm|Hand",
            "ValveBiped.Bip01_Pelvis|ValveBiped.Bip01_Spine2|ValveBiped.Bip01_Neck1|ValveBiped.Bip01_Head1",
            "ValveBiped.Bip01_L_{}",
            "ValveBiped.Bip01_R_{}",
        ),
        unit=0.0254,
    ),
    "SMPL's FBX": Style(
        named(
            "Hip|Knee|Ankle|Collar|Shoulder|Elbow|Wrist",
            "f_avg_Pelvis|f_avg_Spine3|f_avg_Neck|f_avg_Head",
            "f_avg_L_{}",
            "f_avg_R_{}",
        ),
        unit=1.0,
    ),
    "joints with a suffix": Style(
        named(
            "UpLeg|Leg|Foot|Shoulder|Arm|ForeArm|Hand",
            "Robot_Hips_JNT|Robot_Spine1_JNT|Robot_Neck_JNT|Robot_Head_JNT",
            "Robot_Left{}_JNT",
            "Robot_Right{}_JNT",
        )
    ),
}
PLAIN = STYLES["MotionBuilder"]


def turns(bones, frames, seed=0):
    """`(F, 3, 3)` rotations of each joint in its parent's frame."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames)[:, None] / 9
    found = {}
    for role in bones:
        side, _, part = role.rpartition("_")
        mean = np.array(DEGREES.get(part, (1.3, -0.7, 0.9))) * ([1, -1, -1] if side == "right" else [1, 1, 1])
        angles = mean + 6.37 * np.sin(time * rng.uniform(0.7, 1.3, 3) + rng.uniform(0, 6, 3))
        found[role] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    return found


def positions(bones, rotations):
    """`(F, 3)` places of each node, metres, y up."""
    place, turned = {}, {}
    for role, bone in bones.items():
        if not bone.parent:
            place[role], turned[role] = np.zeros((len(rotations[role]), 3)), rotations[role]
            continue
        place[role] = place[bone.parent] + turned[bone.parent] @ np.array(bone.offset)
        turned[role] = turned[bone.parent] @ rotations[role]
    return place


def seventeen(bones, rotations):
    """`(F, 17, 3)` joints in the axes of the front camera, pelvis at the origin."""
    place = positions(bones, rotations)
    place["pelvis"] = (place["left_hip"] + place["right_hip"]) / 2
    place["spine"] = place["low"] * 0.65 + place["back"] * 0.35 if "low" in place else place["back"]
    place["head"] = place["head.end"]
    poses = np.stack([place[joint] for joint in JOINTS], axis=1)
    return (poses - poses[:, :1]) * [1, -1, -1]


def text(bones, rotations, style=PLAIN):
    """The file: each joint with another order of rotations, the root somewhere in the room."""
    roles = list(bones)
    order = {role: ORDERS[place % len(ORDERS)] for place, role in enumerate(roles)}
    lines = ["HIERARCHY"]
    _write_node("hips", bones, style, order, lines, 0)
    joints = [role for role in _depth_first("hips", bones) if "." not in role]
    frames = len(rotations["hips"])
    columns = [np.linspace([0.3, 0.9, -2], [1, 1, 2], frames) / style.unit]
    for role in joints:
        matrices = style.axes @ rotations[role] @ style.axes.T
        columns.append(Rotation.from_matrix(matrices).as_euler(order[role], degrees=True))
    rows = np.concatenate(columns, axis=1)
    at_rest = np.repeat(np.eye(1, rows.shape[1]) * 0.5, style.rest, axis=0)
    rows = np.concatenate([at_rest, rows])
    lines += ["MOTION", f"Frames: {len(rows)}", f"Frame Time: {style.frame_time}"]
    return "\n".join(lines + [" ".join(f"{number:.6f}" for number in row) for row in rows]) + "\n"


def write_file(path, frames=40, seed=0, style=PLAIN, bones=None):
    """One file; gives its joints in the axes of the front camera."""
    bones = bones or skeleton(style.scale)
    rotations = turns(bones, frames, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(bones, rotations, style))
    return seventeen(bones, rotations)


def write(folder, crowd):
    """Five subjects with one or two files each in CMU's naming, as long as the crowd; gives the folder to load."""
    for seed, name in enumerate(("01_01", "01_02", "02_01", "03_01", "04_01", "05_01")):
        style = Style(CMU_NAMES, unit=0.0254 / 0.45, rest=1)
        write_file(folder / f"{name}.bvh", len(crowd), seed, style, cmu_skeleton())
    return folder


def _depth_first(role, bones):
    yield role
    for child in (child for child, bone in bones.items() if bone.parent == role):
        yield from _depth_first(child, bones)


def _write_node(role, bones, style, order, lines, depth):
    tab, bone = "\t" * depth, bones[role]
    offset = style.axes @ np.array(bone.offset if bone.written is None else bone.written) / style.unit
    kind = "End Site" if "." in role else f"{'JOINT' if depth else 'ROOT'} {style.names.get(role, role)}"
    lines += [tab + kind, tab + "{", tab + "\tOFFSET " + " ".join(f"{number:.6f}" for number in offset)]
    if "." not in role:
        turned = [f"{axis}rotation" for axis in order[role]]
        channels = turned if depth else ["Xposition", "Yposition", "Zposition", *turned]
        lines.append(f"{tab}\tCHANNELS {len(channels)} {' '.join(channels)}")
    for child, other in bones.items():
        if other.parent == role:
            _write_node(child, bones, style, order, lines, depth + 1)
    lines.append(tab + "}")
