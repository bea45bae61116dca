"""The metrics that a verdict rests on, and their margins, named before any study was run."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from acai_ray.common.errors import UserError


@dataclass(frozen=True)
class Metric:
    """A column of `summary()`, which way is better and the difference that matters.

    Attributes:
        name: how the command line and the tests of a family spell it.
        label: what a reader is shown.
        unit: as it is shown, empty for a pure number.
        column: its `summary()` name without the split.
        of_person: its name in the table `subjects`, which has it for every person who is tested.
        statistic: what is taken of a person's values.
        margin: a difference must be larger than this to be called better or worse, in `unit`.
        meaning: what it is, in plain words.
    """

    name: str
    label: str
    unit: str
    column: str
    of_person: str
    statistic: Literal["mean", "median"]
    better: Literal["lower", "higher"]
    margin: float
    meaning: str

    @property
    def title(self) -> str:
        """Label and unit, for axes and table headers."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


PRIMARY = (
    Metric(
        *("reconstruction", "Reconstruction MPJPE", "mm", "reconstruction_mpjpe_mm"),
        *("reconstruction", "mean", "lower", 1.0),
        "how far a joint of a reconstructed pose is from the real one",
    ),
    Metric(
        *("smoothness", "Smoothness ratio, median", "", "smoothness_ratio_median"),
        *("smoothness_ratio", "median", "lower", 0.1),
        "the largest step of a path over its smallest; 1 is perfectly even",
    ),
    Metric(
        *("bones", "Path bone excess", "mm", "path_bone_excess_mm"),
        *("path_bone_excess", "mean", "lower", 0.5),
        "how far outside the lengths of training people the bones on a path are",
    ),
    Metric(
        *("coverage", "Path coverage", "", "path_coverage"),
        *("path_coverage", "mean", "higher", 0.01),
        "the share of a person's poses that have a pose of some path near them",
    ),
)


def with_split(column: str, split: str) -> str:
    """The `summary()` column of a metric on a split."""
    return column if split == "valid" else f"{split}_{column}"


def parse_margins(options: Iterable[str]) -> dict[str, float]:
    """The margins of all primary metrics, those given as `NAME=VALUE` replaced.

    Raises:
        UserError: an unknown name or a value that is not a number of at least 0.
    """
    margins = {metric.name: metric.margin for metric in PRIMARY}
    for option in options:
        name, _, text = option.partition("=")
        if name not in margins:
            raise UserError(f"--margin takes NAME=VALUE with NAME one of {', '.join(margins)}, but got {option!r}")
        margins[name] = _margin(option, text)
    return margins


def _margin(option: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < float("inf"):
        raise UserError(f"a margin must be a number of at least 0, but got {option!r}")
    return value
