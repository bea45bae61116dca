"""Acclaim skeletons and motions of computed people, whose joints are known without reading them.

Rotations are composed here with scipy, each bone in a frame of its own.
"""

import numpy as np
from scipy.spatial.transform import Rotation

from tests.helpers.fabricate_bvh import STYLES, seventeen, skeleton, turns

NAMES = STYLES["CMU's own"].names
UNIT = 0.0254 / 0.45
ORDERS = ("XYZ", "ZYX", "YZX")


def name_of(role):
    return NAMES.get(role, role)


def children_of(role, bones):
    return [child for child, bone in bones.items() if bone.parent == role]


def segments(bones):
    """Bones of the file: name, parent, end in metres, and the role that turns it; none for those that only connect."""
    found, parent_of = [], {"hips": ""}
    for role in (role for role in bones if "." not in role):
        children = children_of(role, bones)
        single = len(children) == 1
        end = np.array(bones[children[0]].offset) if single else np.zeros(3)
        found.append((name_of(role), parent_of[role], end, role))
        for child in children:
            if single:
                parent_of[child] = name_of(role)
            else:
                found.append((f"to_{child}", name_of(role), np.array(bones[child].offset), None))
                parent_of[child] = f"to_{child}"
    return found


def frames_of(bones, seed):
    """The order and the rotation `(3, 3)` of each bone's own frame, and the degrees that the file gives for it."""
    rng = np.random.default_rng(seed)
    chosen = {}
    for number, (name, *_) in enumerate(segments(bones)):
        order, degrees = ORDERS[number % len(ORDERS)], rng.uniform(-90, 90, 3).round(3)
        chosen[name] = order, degrees, Rotation.from_euler(order.lower(), degrees, degrees=True).as_matrix()
    return chosen


def skeleton_text(bones, seed=0, radians=False):
    scale = np.pi / 180 if radians else 1
    frames, parts = frames_of(bones, seed), segments(bones)
    order, degrees, _ = frames["root"]
    lines = [
        ":version 1.10",
        ":name made",
        ":units",
        "  mass 1.0",
        "  length 0.45",
        f"  angle {'rad' if radians else 'deg'}",
    ]
    lines += [":documentation", "  computed # by a test", ":root", "   order TX TY TZ RX RY RZ", f"   axis {order}"]
    lines += ["   position 0 0 0", f"   orientation {' '.join(str(scale * angle) for angle in degrees)}", ":bonedata"]
    for number, (name, _, end, role) in enumerate(parts[1:], start=1):
        order, degrees, _ = frames[name]
        length = np.linalg.norm(end)
        direction = end / length if length else np.array([1.0, 0, 0])
        lines += ["  begin", f"     id {number}", f"     name {name}"]
        lines += [f"     direction {' '.join(f'{part:.9f}' for part in direction)}", f"     length {length / UNIT:.9f}"]
        lines += [f"     axis {' '.join(str(scale * angle) for angle in degrees)}  {order}"]
        lines += [
            "    dof rx ry rz",
            "    limits (-160.0 20.0)",
            "           (-70.0 70.0)",
            "           (-60.0 70.0)",
        ] * bool(role)
        lines += ["  end"]
    lines += [":hierarchy", "  begin"]
    for parent in dict.fromkeys(parent for _, parent, *_ in parts[1:]):
        lines += [f"    {parent} {' '.join(name for name, other, *_ in parts[1:] if other == parent)}"]
    return "\n".join([*lines, "  end", ""])


def motion_text(bones, rotations, seed=0, radians=False):
    frames, rows = frames_of(bones, seed), {}
    for name, _, _, role in segments(bones):
        if role:
            own = frames[name][2]
            rows[name] = Rotation.from_matrix(own.T @ rotations[role] @ own).as_euler("xyz", degrees=not radians)
    lines = ["#!OML:ASF made", ":FULLY-SPECIFIED", f":{'RADIANS' if radians else 'DEGREES'}"]
    for frame in range(len(rotations["hips"])):
        lines.append(str(frame + 1))
        for name, angles in rows.items():
            place = "9.4 17.8 -22.1 " if name == "root" else ""
            lines.append(f"{name} {place}{' '.join(f'{angle:.9f}' for angle in angles[frame])}")
    return "\n".join([*lines, ""])


def write_file(folder, name, frames=40, seed=0, radians=False):
    """A motion `01_01.amc` and its skeleton `01.asf`; gives the joints in the axes of the front camera."""
    bones = skeleton()
    rotations = turns(bones, frames, seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name.split('_')[0]}.asf").write_text(skeleton_text(bones, seed, radians))
    (folder / f"{name}.amc").write_text(motion_text(bones, rotations, seed, radians))
    return seventeen(bones, rotations)


def write(folder, crowd):
    """Six people with a motion each, as long as the crowd; gives the folder to load."""
    for seed in range(6):
        write_file(folder, f"0{seed + 1}_01", len(crowd), seed)
    return folder
