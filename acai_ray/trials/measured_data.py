"""The data that a trial learns and is measured on: all of it as it is split, or as one fold sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.evaluation.rung_sample import rung_yardstick
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses import PoseSet
from acai_ray.poses.folds import Fold, fold_set


@dataclass(frozen=True)
class Prepared:
    """The poses of a trial, split, and what its models are measured on."""

    poses: PoseSet
    yardstick: Yardstick

    @cached_property
    def rung_yardstick(self) -> Yardstick:
        """The small sample that a search measures at its rungs."""
        return rung_yardstick(self.poses, self.yardstick)


@dataclass
class MeasuredData:
    """The data of a study's trials; what was prepared last is kept, since trials of one fold follow each other.

    Attributes:
        poses: as they were read.
        evaluation: the sizes of the evaluation.
        folds: the folds of the study, by number; empty where none of its trials has one.
        apart: people who are in no fold.
    """

    poses: PoseSet
    evaluation: EvaluationConfig
    folds: Sequence[Fold] = ()
    apart: Sequence[str] = ()
    _last: tuple[tuple[int | None, str], Prepared] | None = field(default=None, init=False, repr=False)

    def of(self, fold: int | None, device: str = "cpu") -> Prepared:
        """The data of a fold, or as it is split where there is none, for models that are measured on a device."""
        if self._last is None or self._last[0] != (fold, device):
            self._last = None  # so that two folds are never in memory at once
            poses = self.poses if fold is None else fold_set(self.poses, self.folds[fold], self.apart)
            self._last = ((fold, device), Prepared(poses, Yardstick(poses, self.evaluation, device)))
        return self._last[1]
