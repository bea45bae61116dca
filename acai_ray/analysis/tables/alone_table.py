"""What runs measured that have nothing to be compared with."""

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.alone import alone, alone_split
from acai_ray.analysis.compare.arm_titles import arm_titles
from acai_ray.analysis.compare.columns import measured
from acai_ray.analysis.tables.table import Column, Table, arm_column, shown
from acai_ray.analysis.wording import MISSING, SPLITS, has_gamma, number
from acai_ray.protocol.primary import PRIMARY


def measured_alone(analysis: Analysis) -> Table:
    """The primary metrics of each setting, mean over seeds; no rows where anything is compared."""
    runs, split = alone(analysis), alone_split(analysis)
    chosen = {metric: column for metric in PRIMARY if (column := measured(runs, metric.column, (split,)))}
    keys = ["arm", "latent_dim", "lam", "gamma"]
    by_setting = runs.groupby(keys, dropna=False)
    frame = by_setting[list(chosen.values())].mean()
    frame.insert(0, "runs", by_setting.size())
    columns = [
        *arm_column(arm_titles(analysis.results.study, runs["arm"])),
        shown("d", "latent_dim"),
        shown("λ", "lambda", lambda lam: number(lam, 3)),
        Column("γ", lambda row: number(row["gamma"], 3) if has_gamma(row) else MISSING),
        shown("runs", "runs", str),
        *(shown(f"{metric.title}, {metric.better} is better", column) for metric, column in chosen.items()),
    ]
    caption = f"Measured on {SPLITS[split]} poses, mean over seeds; nothing is compared"
    named = frame.reset_index().rename(columns={"lam": "lambda"})
    return Table("measured", caption, named if chosen else named.iloc[:0], columns)
