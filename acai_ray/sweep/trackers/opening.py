"""Which trackers there are, and how they are opened."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from acai_ray.common.errors import UserError, one_line
from acai_ray.sweep.trackers.tracker import Tracker


def _tensorboard(study_dir: Path, study_id: str) -> Tracker:
    from acai_ray.sweep.trackers.tensorboard import TensorBoard

    del study_dir, study_id
    return TensorBoard()


def _mlflow(study_dir: Path, study_id: str) -> Tracker:
    from acai_ray.sweep.trackers.mlflow import MLflow

    return MLflow(study_dir, study_id)


def _wandb(study_dir: Path, study_id: str) -> Tracker:
    from acai_ray.sweep.trackers.wandb import WandB

    return WandB(study_dir, study_id)


TRACKERS: dict[str, tuple[str, Callable[[Path, str], Tracker]]] = {
    "tensorboard": ("tensorboardX", _tensorboard),
    "mlflow": ("mlflow", _mlflow),
    "wandb": ("wandb", _wandb),
}
"""By the name that `--log` takes, the module that must be installed, and what opens the tracker."""


def refuse_missing(names: Sequence[str]) -> None:
    """Refuse a tracker whose library is not installed.

    Raises:
        UserError: one is missing.
    """
    for name in names:
        module, _ = TRACKERS[name]
        if find_spec(module) is None:
            raise UserError(
                f"--log {name} needs the library {module}, but it is not installed; pip install 'acai-ray[{name}]', or "
                f"pip install -c constraints.txt '.[{name}]' in the source folder"
            )


def opened(names: Sequence[str], study_dir: Path, study_id: str) -> list[Tracker]:
    """The trackers of a study.

    Raises:
        UserError: one cannot be reached; it is tried before any work.
    """
    trackers = []
    for name in dict.fromkeys(names):
        try:
            trackers.append(TRACKERS[name][1](study_dir, study_id))
        except Exception as error:  # whatever a library raises
            raise UserError(
                f"a tracker must answer when a study begins, but {name} does not ({one_line(error)}); mend that, or "
                f"leave --log {name} away"
            ) from None
    return trackers
