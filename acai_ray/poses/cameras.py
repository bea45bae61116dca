"""The real cameras of Human3.6M: `camera-parameters.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.options import LoadOptions

FILE = "camera-parameters.json"
VIRTUAL = "virtual"
TOLERANCE = 1e-3
"""By which a rotation may differ from an orthonormal matrix."""

Cameras: TypeAlias = Mapping[str, Mapping[str, NDArray[np.float64]]]
"""World-to-camera rotations `(3, 3)` by subject and camera; where a camera stands does not matter, pelvis at 0."""


def find(data: Path, options: LoadOptions) -> Cameras | None:
    """The real cameras: of the file in `options.cameras`, else of one beside the data or in it; none for virtual ones.

    Raises:
        UserError: the file is missing or damaged.
    """
    if options.cameras == VIRTUAL:
        return None
    if options.cameras is not None:
        return read(Path(options.cameras).expanduser())
    folder = data if data.is_dir() else data.parent
    found = next((file for file in (folder / FILE, *sorted(data.glob(f"*/{FILE}"))) if file.is_file()), None)
    return None if found is None else read(found)


def read(path: Path) -> Cameras:
    """The rotations of the file's `extrinsics`.

    Raises:
        UserError: the file is missing or damaged, or a rotation is none.
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
        raise UserError(
            f"cameras must be `{VIRTUAL}` or an existing file, but there is no {str(path)!r}; correct the path"
        ) from None
    except UserError:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        detail = " ".join(str(error).split())[:100]
        raise UserError(
            f"{path.name or path}: cameras must be JSON with extrinsics[subject][camera]['R'], but reading stopped at "
            f"[{detail}]; correct it or give --cameras {VIRTUAL}"
        ) from None


def rotation(matrix: Any, origin: str) -> NDArray[np.float64]:
    """A proper rotation `(3, 3)`.

    Raises:
        UserError: it is none.
    """
    try:
        turned = np.asarray(matrix, dtype=np.float64)
    except (ValueError, TypeError):
        turned = np.zeros(0)
    if turned.shape != (3, 3) or not (np.abs(turned) <= 1 + TOLERANCE).all() or not _proper(turned):
        raise UserError(
            f"{origin}: a camera's R must be a 3 × 3 rotation, but is none; correct it or give --cameras {VIRTUAL}"
        )
    return turned


def _proper(matrix: NDArray[np.float64]) -> bool:
    return bool(np.allclose(matrix @ matrix.T, np.eye(3), atol=TOLERANCE) and np.linalg.det(matrix) > 0)
