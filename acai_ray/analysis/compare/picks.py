"""What a search picked for its confirmation, and what each pick cost and gained in the search."""

import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.pairs import GROUPS, pair_runs
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY

_COLUMNS = ["arm", "latent_dim", "lam", "gamma", "pick", "trial", "cost_mm", "gain_mm"]
_KEYS = ["arm", "latent_dim", "lam", "gamma"]


def picks(analysis: Analysis) -> pd.DataFrame:
    """The settings of the confirmation with their differences from the vanilla twins in the search.

    Returns:
        One row a picked setting: `arm latent_dim lam gamma pick trial cost_mm gain_mm`; `pick` names the picks that it
        is, `trial` is the trial of the search, `cost_mm` its reconstruction MPJPE minus its twin's and `gain_mm` its
        twin's path bone excess minus its own, on validation people as means over seeds, NaN where they were not
        measured.
    """
    runs = analysis.results.runs
    picked = runs[(runs["phase"] == Phase.CONFIRM) & (runs["pick"].fillna("") != "")].drop_duplicates(_KEYS)
    if picked.empty:
        return pd.DataFrame(columns=_COLUMNS)
    (search,) = (group for group in GROUPS if group.name == Phase.SEARCH)
    pairs, _ = pair_runs(runs, search)
    values = analysis.summary.set_index("run_id")
    columns = {metric.name: metric.column for metric in PRIMARY}
    cost, gain = (
        values[columns[name]].reindex(pairs[one]).to_numpy(dtype=float)
        - values[columns[name]].reindex(pairs[other]).to_numpy(dtype=float)
        if columns[name] in values
        else float("nan")
        for name, one, other in (("reconstruction", "run_id", "twin"), ("bones", "twin", "run_id"))
    )
    of_search = pairs.assign(cost_mm=cost, gain_mm=gain).groupby(_KEYS, as_index=False)
    means = of_search.agg(trial=("trial_id", "first"), cost_mm=("cost_mm", "mean"), gain_mm=("gain_mm", "mean"))
    rows: pd.DataFrame = picked[[*_KEYS, "pick"]].merge(means, on=_KEYS, how="left").sort_values(_KEYS)
    return rows.reset_index(drop=True)[_COLUMNS]
