"""From a name or a path to pose data: as it is stored, or as a checked `PoseSet`."""

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from acai_ray.common.settings import parse
from acai_ray.poses import cameras, formats
from acai_ray.poses.conversion import from_source
from acai_ray.poses.names import spelled_alike
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.recording import Progress, Source, no_progress
from acai_ray.poses.selection import subjects_of
from acai_ray.poses.splits import FEWEST


def load(
    name_or_path: str | PathLike[str] = "synthetic", *, progress: Progress = no_progress, **options: Any
) -> PoseSet:
    """Read pose data of any supported form; the form is recognised from the content.

    Poses in a world frame are seen by cameras: by the real ones, where the data or a `camera-parameters.json` beside it
    holds them, or else by `views` virtual ones.

    Which poses are taken, unless `every` is given: of raw Human3.6M every 10th frame, of BVH files 10 frames per
    second, of a file with `keep10` its subset at 10 frames per second, of any other file all.

    Who trains, validates and tests, unless subjects are listed: data that brings its own split keeps it; of Human3.6M,
    S1 S5 S6 S7 train, S8 validates, S9 S11 test; of other people about 70 % train, 10 % validate and 20 % test.

    Args:
        name_or_path: `synthetic`, or a file or folder.
        progress: called with the number of files that are read and of all files.
        options: the fields of `LoadOptions`; messages name them as commands do: `--unit mm` is `unit="mm"` here.

    Raises:
        UserError: the data or an option breaks a rule.

    Example:
        >>> poses = load("synthetic", views=1)
        >>> poses.splits
        ('train', 'valid', 'test')
        >>> len(poses.split("test").subjects())
        2
    """
    return open_data(name_or_path, parse(LoadOptions, options, "options of the data"), progress).pose_set()


@dataclass(frozen=True, eq=False)
class Opened:
    """Pose data as it is stored, before any conversion.

    Attributes:
        path: the file or folder.
        form: what its reader reads, in a few words.
        source: the recordings.
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
        """The converted and checked poses, as `load` gives them.

        Raises:
            RuleError: the data breaks a rule.
        """
        real = cameras.find(self.path, self.options)
        return from_source(self.source, self.name, real, self.options)

    def whole(self) -> PoseSet:
        """The poses as `pose_set` gives them, or all in one part where there are too few people for a split.

        Raises:
            RuleError: the data breaks a rule.
        """
        everybody = [who for recording in self.source.recordings for who in subjects_of(recording)]
        brings_split = any(recording.parts for recording in self.source.recordings)
        if self.options.names_subjects or brings_split or len(set(everybody)) >= FEWEST:
            return self.pose_set()
        options = self.options.model_copy(update={"train": tuple(dict.fromkeys(everybody)), "protocol": "default"})
        notes = (
            *self.source.notes,
            f"fewer than {FEWEST} people, so they are not split; all are called training people",
        )
        return replace(self, source=replace(self.source, notes=notes), options=options).pose_set()


def open_data(name_or_path: str | PathLike[str], options: LoadOptions, progress: Progress = no_progress) -> Opened:
    """Read pose data of any supported form without converting or checking it.

    Args:
        name_or_path: `synthetic`, or a file or folder.
        options: what the user asked for.
        progress: called with the number of files that are read and of all files.

    Raises:
        UserError: there is nothing at the path, no reader recognises it, or it is damaged.
    """
    path = Path(name_or_path).expanduser()
    reader = formats.find(path)
    source = spelled_alike(reader.read(path, options, progress), options.names_subjects)
    return Opened(path, reader.FORM, source, options)
