"""The regularizers of a study as arms of its comparison: what is of one of them alone, and how two of them differ."""

from dataclasses import replace
from functools import lru_cache

import pandas as pd

from acai_ray.analysis.compare.analyse import AT_ONCE, Analysis, Family
from acai_ray.protocol import judge
from acai_ray.protocol.phases import Phase


@lru_cache(maxsize=AT_ONCE)
def of_arm(analysis: Analysis, arm: str) -> Analysis:
    """The study as if it had this regularizer alone; verdicts stay those of the whole family.

    Vanilla runs and controls stay, except vanilla runs whose codes are of a kind that no run of the arm has.
    """
    runs = analysis.results.runs
    mine = (runs["arm"] == arm) & (runs["phase"] != Phase.CONTROL)
    beside = (runs["phase"] == Phase.CONTROL) | ((runs["lam"] == 0) & runs["codes"].isin(runs.loc[mine, "codes"]))
    kept = runs[mine | beside]
    families = tuple(_family_of(family, arm) for family in analysis.families)
    return replace(
        analysis,
        results=replace(analysis.results, runs=kept),
        summary=analysis.summary[analysis.summary["run_id"].isin(kept["run_id"])],
        families=tuple(family for family in families if len(family.pairs)),
        left_out=analysis.left_out[analysis.left_out["run_id"].isin(kept["run_id"])],
    )


def _family_of(family: Family, arm: str) -> Family:
    frames = {name: getattr(family, name) for name in ("pairs", "tests", "differences")}
    own = {name: frame[frame["arm"] == arm] for name, frame in frames.items()}
    return replace(family, titles={arm: family.titles[arm]} if arm in family.titles else {}, **own)


def beside_each_other(analysis: Analysis) -> pd.DataFrame:
    """Every two compared settings of different regularizers at one latent size: how they differ, without a verdict.

    Returns:
        One row a pair of settings and primary metric, of the family that answers: `latent_dim arm lam other other_lam
        metric n_people mean low high`; `mean` is `arm` minus `other` and has its 95 % interval, by the same rule as
        verdicts, over the people whom both tested with the same seed.
    """
    family = analysis.answer
    if family is None:
        return pd.DataFrame(columns=_BESIDE)
    settings = family.tests.drop_duplicates("cell").sort_values(["latent_dim", "arm", "lam"])
    both = settings.merge(settings, on="latent_dim", suffixes=("", "_other"))
    both = both[both["arm"] < both["arm_other"]].reset_index(drop=True).rename_axis("pair").reset_index()
    numbers = family.differences[["cell", "metric", "person", "seed", "fold", "acai"]]
    pairs = both[["pair", "cell", "cell_other"]].merge(numbers, on="cell")
    pairs = pairs.merge(numbers.rename(columns={"cell": "cell_other"}), on=_SAME, suffixes=("", "_other"))
    differences = pairs.assign(value=pairs["acai"] - pairs["acai_other"]).drop(columns="cell")
    if differences.empty:
        return pd.DataFrame(columns=_BESIDE)
    found = judge(differences.rename(columns={"pair": "cell"}), analysis.margins).rename(columns={"cell": "pair"})
    names = {"arm_other": "other", "lam_other": "other_lam"}
    return both.merge(found, on="pair", suffixes=("_of_cell", "")).rename(columns=names)[_BESIDE]


_SAME = ["cell_other", "metric", "person", "seed", "fold"]
_BESIDE = ["latent_dim", "arm", "lam", "other", "other_lam", "metric", "n_people", "mean", "low", "high"]
