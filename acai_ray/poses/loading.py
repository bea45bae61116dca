"""From a name or a path to pose data: as it is stored, or as a checked `PoseSet`."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from acai_ray.common.settings import parse
from acai_ray.poses import cameras, formats
from acai_ray.poses.conversion import from_source
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.recording import Progress, Source, no_progress


def load(
    name_or_path: str | PathLike[str] = "synthetic", *, progress: Progress = no_progress, **options: Any
) -> PoseSet:
    """Read pose data of any supported form; the form is recognised from the content.

    Poses recorded in a world frame are seen by the real cameras, where the data or a `camera-parameters.json` beside it
    gives them, else by `views` virtual ones. Unless `every` is given, raw Human3.6M gives every 10th frame, BVH files
    10 frames per second, a file with `keep10` its 10 fps subset, any other all poses. Unless subjects are listed, data
    that brings its own split keeps it, Human3.6M trains on S1 S5 S6 S7, validates on S8 and tests on S9 S11, and other
    people are shared out 70, 10 and 20 %.

    Args:
        name_or_path: `synthetic`, or a file or folder.
        progress: told how many files are read.
        options: the fields of `LoadOptions`; messages name them as commands do: `--unit mm` is `unit="mm"` here.

    Raises:
        UserError: the data or an option breaks a rule.
    """
    return open_data(name_or_path, parse(LoadOptions, options, "options of the data"), progress).pose_set()


@dataclass(frozen=True, eq=False)
class Opened:
    """What a reader found.

    Attributes:
        path: the file or folder.
        form: what the reader reads, in a few words.
        source: its recordings, as they are stored.
        options: what the user asked for.
    """

    path: Path
    form: str
    source: Source
    options: LoadOptions

    @property
    def name(self) -> str:
        """What the data is called."""
        return self.path.name or self.path.resolve().name

    def pose_set(self) -> PoseSet:
        """The same as `load` gives.

        Raises:
            UserError: as `load`, for what it finds after reading.
        """
        real = cameras.find(self.path, self.options)
        return from_source(self.source, self.name, real, self.options)


def open_data(name_or_path: str | PathLike[str], options: LoadOptions, progress: Progress = no_progress) -> Opened:
    """Read pose data of any supported form, unconverted.

    Args:
        name_or_path: `synthetic`, or a file or folder.
        options: what the user asked for.
        progress: told how many files are read.

    Raises:
        UserError: as `load`, for what it finds while reading.
    """
    path = Path(name_or_path).expanduser()
    reader = formats.find(path)
    return Opened(path, reader.FORM, reader.read(path, options, progress), options)
