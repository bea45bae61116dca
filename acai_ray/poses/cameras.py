"""The real cameras of Human3.6M, from a file `camera-parameters.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import RuleError, UserError
from acai_ray.poses.options import LoadOptions

FILE = "camera-parameters.json"
VIRTUAL = "virtual"
TOLERANCE = 1e-3
"""By which the product of a rotation and its transpose may differ from the identity."""

Rotations: TypeAlias = Mapping[str, NDArray[np.float64]]
"""World-to-camera rotations `(3, 3)` by camera.

Where a camera stands does not matter, because the pelvis of every pose is moved to the origin.
"""

Cameras: TypeAlias = Mapping[str, Rotations]
"""The rotations of the cameras that see each subject."""


def find(data: Path, options: LoadOptions) -> Cameras | None:
    """The real cameras: of the file in `options.cameras`, else of a `camera-parameters.json` beside the data or in it.

    Returns:
        The cameras, or None where virtual ones are asked for or there is no file.

    Raises:
        RuleError: the file is missing or damaged.
    """
    if options.cameras == VIRTUAL:
        return None
    if options.cameras is not None:
        return read(Path(options.cameras).expanduser())
    folder = data if data.is_dir() else data.parent
    candidates = (folder / FILE, *sorted(data.glob(f"*/{FILE}")))
    beside = next((file for file in candidates if file.is_file()), None)
    return None if beside is None else read(beside)


def read(path: Path) -> Cameras:
    """The rotations in the file's `extrinsics`.

    Raises:
        RuleError: the file is missing or damaged, or a matrix is no rotation.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        extrinsics = content["extrinsics"]
        return {
            str(subject): {
                str(name): rotation(camera["R"], f"{path.name}, {subject} {name}") for name, camera in own.items()
            }
            for subject, own in extrinsics.items()
        }
    except FileNotFoundError:
        raise RuleError(
            "",
            rule=f"cameras must be `{VIRTUAL}` or an existing file",
            value=f"there is no {str(path)!r}",
            remedy="correct the path",
        ) from None
    except UserError:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        detail = " ".join(str(error).split())[:100]
        raise RuleError(
            path.name or str(path),
            rule="cameras must be JSON with extrinsics[subject][camera]['R']",
            value=f"reading stopped at [{detail}]",
            remedy=f"correct it or give --cameras {VIRTUAL}",
        ) from None


def rotation(matrix: Any, origin: str) -> NDArray[np.float64]:
    """A proper rotation `(3, 3)`, of determinant 1.

    Raises:
        RuleError: the matrix is none.
    """
    try:
        turned = np.asarray(matrix, dtype=np.float64)
    except (ValueError, TypeError):
        turned = np.zeros(0)
    if turned.shape != (3, 3) or not (np.abs(turned) <= 1 + TOLERANCE).all() or not _is_proper(turned):
        raise RuleError(
            origin,
            rule="a camera's R must be a 3 × 3 rotation",
            value="is none",
            remedy=f"correct it or give --cameras {VIRTUAL}",
        )
    return turned


def _is_proper(matrix: NDArray[np.float64]) -> bool:
    return bool(np.allclose(matrix @ matrix.T, np.eye(3), atol=TOLERANCE) and np.linalg.det(matrix) > 0)


def of_subject(real: Cameras, subject: str, origin: str) -> Rotations:
    """The cameras of one subject.

    Raises:
        RuleError: the file of cameras has none of this subject.
    """
    if subject not in real:
        raise RuleError(
            origin,
            rule=f"{FILE} must hold the cameras of every subject",
            value=f"has none of {subject!r}",
            remedy=f"add them or give --cameras {VIRTUAL}",
        )
    return real[subject]
