"""How each metric depends on the size of its samples, measured on one model a latent size."""

import numpy as np
import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.store import metric_name

KEYS = ["split", "sampler", "metric", "distance", "statistic", "unit"]


def sensitivity(analysis: Analysis) -> pd.DataFrame:
    """Each metric at shares of the evaluation's sample sizes.

    Returns:
        One row a latent size, metric and share: `latent_dim split metric fraction n n_reference value relative`;
        `metric` is its `summary()` name without the split, `relative` the value over that at the full sizes. Where a
        metric was taken against reference sets of several sizes, the largest counts.
    """
    rows = analysis.results.sensitivity.merge(analysis.results.runs[["run_id", "latent_dim"]], on="run_id")
    names = [metric_name("valid", *key[1:]) for key in rows[KEYS].itertuples(index=False)]
    rows = rows.assign(metric=names).sort_values("n_reference", kind="stable")
    rows = rows.drop_duplicates(["latent_dim", "metric", "fraction"], keep="last")
    whole = rows[rows["fraction"] == 1].set_index(["latent_dim", "metric"])["value"]
    keys = pd.MultiIndex.from_frame(rows[["latent_dim", "metric"]])
    with np.errstate(divide="ignore", invalid="ignore"):  # a share of 0 is no number
        rows = rows.assign(relative=rows["value"].to_numpy() / whole.reindex(keys).to_numpy())
    columns = ["latent_dim", "split", "metric", "fraction", "n", "n_reference", "value", "relative"]
    return rows.sort_values(["latent_dim", "metric", "fraction"])[columns].reset_index(drop=True)
