"""What a reader may take away from a family's verdicts: a sentence in plain words for each latent size."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from acai_ray.analysis.compare.analyse import Family
from acai_ray.analysis.wording import in_words, joined, number
from acai_ray.common.frames import Row, rows_of
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.primary import PRIMARY
from acai_ray.protocol.verdicts import Word

GAINS: Mapping[str, str] = {
    "reconstruction": "reconstructs poses {size} mm more exactly",
    "smoothness": "makes paths more even (smoothness ratio {size} lower)",
    "bones": "brings bone lengths on paths {size} mm nearer to real ones",
    "coverage": "covers {percent} more of a person's poses with its paths",
}
"""What it means that ACAI is better in a primary metric."""

COSTS: Mapping[str, str] = {
    "reconstruction": "{size} mm of reconstruction",
    "smoothness": "evenness of paths (smoothness ratio {size} higher)",
    "bones": "{size} mm of bone lengths on paths",
    "coverage": "{percent} of coverage",
}
"""What it costs where it is worse."""

SUBJECTS: Mapping[str, str] = {
    "reconstruction": "reconstruction",
    "smoothness": "evenness of paths",
    "bones": "bone lengths on paths",
    "coverage": "coverage",
}
"""What a primary metric is about."""


def takeaways(family: Family) -> Iterator[str]:
    """One sentence for each latent size: the setting that gains most for its price, the price, and what is unknown.

    Where there are several regularizers, or another one than ACAI, it is a sentence for each of them, by name.
    """
    for size, of_size in family.tests.groupby("latent_dim", sort=True):
        for arm, title in family.titles.items():
            tests, pairs = (frame[frame["arm"] == arm] for frame in (of_size, family.pairs))
            named = "" if list(family.titles) == [Arm.ACAI] else f"with {title} "
            if len(tests):
                yield f"At d = {size} {named}".rstrip() + f", {_of_size(tests, pairs)}."


def _of_size(tests: pd.DataFrame, pairs: pd.DataFrame) -> str:
    cells = [rows_of(rows) for _, rows in tests.groupby("cell", sort=False)]
    best = max(cells, key=lambda rows: (_score(rows), -rows[0]["lam"]))
    if _named(best, Word.BETTER):
        return _gain(best, pairs)
    return _no_gain(cells)


def _score(rows: Sequence[Row]) -> tuple[int, int]:
    better, worse = len(_named(rows, Word.BETTER)), len(_named(rows, Word.WORSE))
    return (better - worse if better else -len(PRIMARY), better)


def _named(rows: Sequence[Row], word: Word) -> list[Row]:
    """The tests of a cell with this verdict."""
    return [row for row in rows if row["verdict"] == word]


def _gain(rows: Sequence[Row], pairs: pd.DataFrame) -> str:
    gains = joined([_say(GAINS, row) for row in _named(rows, Word.BETTER)])
    worse, undecided = _named(rows, Word.WORSE), _named(rows, Word.UNDECIDED)
    said = f"{_weight(rows[0], pairs)} {gains}"
    if worse:
        said += f" and costs {joined([_say(COSTS, row) for row in worse])}"
    elif undecided:
        said += " at no cost that could be shown"
    else:
        said += " and costs nothing that matters"
    return said + (f"; undecided: {joined([SUBJECTS[row['metric']] for row in undecided])}" if undecided else "")


def _no_gain(cells: Sequence[Sequence[Row]]) -> str:
    """What is said of a size at which no setting is better in anything."""
    words = {row["verdict"] for rows in cells for row in rows}
    if words == {Word.EQUIVALENT.value}:
        return "no weight λ that was tried changes anything that matters"
    harmful = [rows for rows in cells if _named(rows, Word.WORSE)]
    said = "no weight λ that was tried brings a gain that could be shown"
    if harmful:
        least = min(harmful, key=lambda rows: rows[0]["lam"])
        costs = joined([_say(COSTS, row) for row in _named(least, Word.WORSE)])
        said += f", and λ = {number(least[0]['lam'], 3)} already costs {costs}"
    open_metrics = [
        metric.name
        for metric in PRIMARY
        if all(row["verdict"] == Word.UNDECIDED for rows in cells for row in rows if row["metric"] == metric.name)
    ]
    everything = len(open_metrics) == len(PRIMARY)
    unknown = f"all {in_words(len(PRIMARY))} metrics" if everything else joined([SUBJECTS[m] for m in open_metrics])
    return said + (f"; undecided whatever the weight: {unknown}" if open_metrics else "")


def _weight(row: Row, pairs: pd.DataFrame) -> str:
    """How a setting is called: by its pick's name, if it has one, and by λ, and by γ where several were tried."""
    of_cell = pairs[pairs["cell"] == row["cell"]]
    pick = str(of_cell["pick"].iloc[0] or "") if "pick" in of_cell else ""
    gamma = f", γ = {number(row['gamma'], 3)}" if len(set(pairs["gamma"])) > 1 else ""
    setting = f"λ = {number(row['lam'], 3)}{gamma}"
    return f"the pick “{pick}” ({setting})" if pick else f"a weight of {setting}"


def _say(phrases: Mapping[str, str], row: Row) -> str:
    size = abs(float(row["mean"]))
    return phrases[row["metric"]].format(size=number(size, 2), percent=f"{number(100 * size, 2)} percentage points")
