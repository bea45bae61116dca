"""How the differences of a study vary between people, folds and runs: what a next study can be planned by."""

import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.analyse import chaos_differences
from acai_ray.protocol.power import PARTS, noise_of, smallest_difference
from acai_ray.protocol.primary import PRIMARY

_COLUMNS = ["metric", *PARTS, "smallest"]

FEWEST_FOLDS = 3
"""With fewer folds nothing is said of how they vary."""


def noise(analysis: Analysis) -> pd.DataFrame:
    """The variance components of the family that answers, and the smallest difference that this study finds.

    Returns:
        One row a primary metric: `metric person fold run rest smallest`; the first four are standard deviations as in
        `protocol.power.Noise`, `smallest` the difference that is shown with a probability of `protocol.power.POWER`,
        all in the metric's unit. No rows where there are fewer than `FEWEST_FOLDS` folds.
    """
    family = analysis.answer
    if family is None or int(family.tests["n_folds"].max()) < FEWEST_FOLDS:
        return pd.DataFrame(columns=_COLUMNS)
    chaos = chaos_differences(analysis.results, family.split)
    rows = []
    for metric in PRIMARY:
        mine = family.differences[family.differences["metric"] == metric.name]
        beside = chaos[chaos["metric"] == metric.name]
        if mine.empty:
            continue
        found = noise_of(mine, beside if beside["fold"].nunique() >= FEWEST_FOLDS else None)
        people = mine.groupby("fold")["person"].nunique().tolist()
        least = smallest_difference(
            found, people, mine["seed"].nunique(), analysis.margins[metric.name], max(family.size, 1)
        )
        rows.append({"metric": metric.name, **{part: getattr(found, part) for part in PARTS}, "smallest": least})
    return pd.DataFrame(rows, columns=_COLUMNS)
