"""The report's tables: a new one is one function here and one line in the report's section."""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from acai_ray.analysis.compare import Analysis, Family, cells, varied
from acai_ray.analysis.compare.arms import beside_each_other
from acai_ray.analysis.compare.columns import measured
from acai_ray.analysis.compare.controls import controls
from acai_ray.analysis.reasons import why, why_left_out
from acai_ray.analysis.tables.table import Column, Table, arm_column, shown
from acai_ray.analysis.wording import MISSING, SPLITS, clean, estimate, has_gamma, number, probability, signed
from acai_ray.common.frames import Row, rows_of
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.obstacles import Obstacle
from acai_ray.protocol.primary import PRIMARY, Metric, with_split
from acai_ray.protocol.verdicts import Word

SYMBOLS: Mapping[str, str] = {Word.BETTER: "▲", Word.WORSE: "▼", Word.EQUIVALENT: "=", Word.UNDECIDED: "·"}
"""The signs of the verdicts."""

NAMES = {
    "lam": "lambda",
    "mean": "difference",
    "low": "ci95_low",
    "high": "ci95_high",
    "n": "pairs",
    "n_people": "people",
    "n_bodies": "bodies",
    "n_folds": "folds",
    "n_seeds": "seeds",
    "seeds_low": "seeds_ci95_low",
    "seeds_high": "seeds_ci95_high",
    "n_left_out": "pairs_left_out",
    "chaos": "chaos_floor",
    "family_size": "tests_in_family",
}
"""What the files call some columns of a comparison; λ weighs a pure number against L_rec, so its unit is m²."""

_DIFFERENCE = ["difference", "ci95_low", "ci95_high"]
_ESTIMATE = ["vanilla", "acai", *_DIFFERENCE]
_SCOPE = ["people", "bodies", "folds", "seeds"]


def verdicts(family: Family) -> Table:
    """Every test of a family in full."""
    extra = varied(family.pairs)
    titles = {with_split(metric.column, family.split): metric.title for metric in PRIMARY}
    frame = _tests(family, extra).assign(metric=lambda tests: tests["metric"].map(_summary_names(family)))
    sizes = [*_SCOPE, "margin", "chaos_floor", "pairs", "pairs_left_out", "tests_in_family"]
    p_values = ["p", "p_adjusted", "p_equivalent", "p_equivalent_adjusted", "p_sign_flip"]
    seeds = ["seeds_ci95_low", "seeds_ci95_high"]
    names = ["metric", *_ESTIMATE, *sizes, *p_values, *seeds, "verdict", "reason", "why"]
    columns = [
        *_settings(extra, family.titles),
        shown("metric", "metric", titles.__getitem__),
        *_estimate(family.arm),
        _scope(),
        Column("pairs", _pairs),
        shown("p", "p", probability),
        shown("adjusted p", "p_adjusted", probability),
        shown("adjusted p of equivalence", "p_equivalent_adjusted", probability),
        shown("sign-flip p over folds", "p_sign_flip", probability),
        Column("over seeds alone, same people", _over_seeds),
        shown("chaos floor", "chaos_floor", _three),
        shown("verdict", "verdict", str),
        shown("why", "why", str),
    ]
    caption = f"{family.group.title}, on {family.split} poses"
    return Table(f"verdicts_{family.group.name}", caption, frame[[*_keys(extra), *names]], columns)


def overview(family: Family) -> Table:
    """One row a cell, one column a primary metric: the verdict's sign, the difference and its interval."""
    extra = varied(family.pairs)
    tests = _tests(family, extra)
    by_cell = tests.groupby("cell", sort=False)
    frame = by_cell[[*_keys(extra), *_SCOPE, "pairs", "pairs_left_out"]].first()
    frame[[*_SCOPE, "pairs"]] = by_cell[[*_SCOPE, "pairs"]].max()
    for name, stem in _summary_names(family).items():
        of_metric = tests[tests["metric"] == name].set_index("cell")[[*_DIFFERENCE, "verdict"]]
        frame = frame.join(of_metric.add_prefix(f"{stem}_"))
    signs = ", ".join(f"{symbol} {word}" for word, symbol in SYMBOLS.items())
    caption = f"{family.group.title}, on {family.split} poses: {family.arm} − vanilla, mean and 95 % interval; {signs}."
    columns = [*_settings(extra, family.titles), _scope(), *(_judged(metric, family.split) for metric in PRIMARY)]
    return Table("overview", caption, frame.reset_index(drop=True), columns)


def exploratory(family: Family) -> Table:
    """Every other metric of a family with its interval, without a verdict."""
    extra = ["arm"] if len(family.titles) > 1 else []
    frame = family.exploratory.rename(columns=NAMES)[[*_keys(extra), "metric", *_ESTIMATE, "pairs"]]
    settings = _settings(extra, family.titles)
    columns = [*settings, shown("metric", "metric", clean), *_estimate(family.arm), shown("pairs", "pairs", str)]
    caption = f"{family.group.title}: every other metric, exploratory"
    return Table(f"exploratory_{family.group.name}", caption, frame, columns)


def critic_health(analysis: Analysis) -> Table:
    """How the critics do on validation poses (else test poses), by latent size and λ, mean over seeds."""
    stems = {
        "α-MSE": "critic_alpha_mse",
        "real term": "critic_real_mse",
        "sum": "critic_loss",
        "correlation with α": "critic_correlation",
        "AUC": "critic_auc",
    }
    splits = ("valid", "test")
    chosen = {name: c for name, stem in stems.items() if (c := measured(analysis.done, stem, splits))}
    on_test = any(column.startswith("test_") for column in chosen.values())
    caption = f"Critic health on {SPLITS['test' if on_test else 'valid']} poses, mean over seeds"
    return _means(analysis, "critic_health", caption, chosen)


def codes(analysis: Analysis) -> Table:
    """How the codes lie on the sphere and the prior's distances, which never decide."""
    stems = {
        "resultant length": "code_resultant_length",
        "participation ratio": "code_participation_ratio",
        "prior recall (m)": "prior_recall_euclidean_m",
        "prior precision (m)": "prior_precision_euclidean_m",
        "path recall (m)": "path_recall_euclidean_m",
        "path precision (m)": "path_precision_euclidean_m",
    }
    chosen = {name: c for name, stem in stems.items() if (c := measured(analysis.done, stem))}
    return _means(analysis, "codes", "Codes on the sphere and nearest distances, mean over seeds", chosen)


def arms_beside(analysis: Analysis) -> Table:
    """How the compared settings of two regularizers differ in each primary metric, one row a pair; exploratory."""
    found = beside_each_other(analysis)
    keys = ["latent_dim", "arm", "lam", "other", "other_lam"]
    frame = found[[*keys, "n_people"]].drop_duplicates(keys).reset_index(drop=True)
    for metric in PRIMARY:
        own = found[found["metric"] == metric.name].rename(columns=NAMES | {"lam": "lam"})
        own = own.rename(columns={name: f"{metric.name}_{name}" for name in _DIFFERENCE})
        frame = frame.merge(own[[*keys, *(f"{metric.name}_{name}" for name in _DIFFERENCE)]], on=keys, how="left")
    titles = analysis.titles
    columns = [
        shown("d", "latent_dim"),
        Column("arm", lambda row: f"{titles[row['arm']]}, λ = {_three(row['lambda'])}"),
        Column("minus", lambda row: f"{titles[row['other']]}, λ = {_three(row['other_lambda'])}"),
        shown("people", "people", str),
        *(Column(f"{metric.title}, {metric.better} is better", _interval_of(metric.name)) for metric in PRIMARY),
    ]
    names = {"lam": "lambda", "other_lam": "other_lambda", "n_people": "people"}
    caption = "Regularizers beside each other: mean difference and 95 % interval, exploratory, without verdicts"
    return Table("arms", caption, frame.rename(columns=names), columns)


def _interval_of(stem: str) -> Callable[[Row], str]:
    return lambda row: estimate(*(row[f"{stem}_{name}"] for name in _DIFFERENCE))


def left_out(analysis: Analysis) -> Table:
    """The runs that entered no pair, and why."""
    columns = [
        shown("run", "run_id", clean),
        shown("phase", "phase", clean),
        *_settings(["arm"] if len(analysis.arms) > 1 else [], analysis.titles),
        shown("seed", "seed", lambda value: number(value, 12)),
        shown("why", "why", clean),
    ]
    frame = analysis.left_out.rename(columns={"lam": "lambda"}).assign(why=_why_left_out(analysis))
    return Table("left_out", "Runs that entered no comparison", frame, columns)


def weights(analysis: Analysis, mean_pose_loss: float) -> Table:
    """Every λ of ACAI, and λ relative to the mean pose's loss, which compares across data sets."""
    own = analysis.results.runs[analysis.results.runs["arm"] == Arm.ACAI]
    used = sorted({float(lam) for lam in own["lam"].dropna() if lam > 0})
    frame = pd.DataFrame({"lambda": used, "lambda_over_mean_pose_loss": [lam / mean_pose_loss for lam in used]})
    columns = [
        shown("λ", "lambda", _three),
        shown("λ / L_rec(mean pose)", "lambda_over_mean_pose_loss", _three),
    ]
    return Table("weights", "λ on the scale of the data", frame, columns)


def _tests(family: Family, extra: Sequence[str]) -> pd.DataFrame:
    """The family's tests under the files' names, each with the settings that differ between cells."""
    tests = family.tests.assign(why=[why(test) for test in rows_of(family.tests)])
    further = [name for name in extra if name not in tests]
    return tests.join(cells(family.pairs)[further], on="cell").rename(columns=NAMES)


def _why_left_out(analysis: Analysis) -> list[str]:
    """A sentence for each row of `left_out`, made from the run's row of the table `runs` and from its twin's."""
    left_out, runs = analysis.left_out, analysis.results.runs
    named = runs[runs["run_id"].isin({*left_out["run_id"], *left_out["twin"]})]
    by_id = {run["run_id"]: run for run in rows_of(named)}
    return [
        why_left_out(Obstacle(row["obstacle"]), by_id[row["run_id"]], by_id.get(row["twin"], {}))
        for row in rows_of(left_out)
    ]


def _summary_names(family: Family) -> dict[str, str]:
    """Each primary metric's column of `summary()`."""
    return {metric.name: with_split(metric.column, family.split) for metric in PRIMARY}


def _keys(extra: Sequence[str] = ()) -> list[str]:
    """The columns of a frame that say what was run."""
    return ["latent_dim", "lambda", "gamma", *extra]


def _settings(extra: Sequence[str] = (), titles: Mapping[str, str] = MappingProxyType({})) -> list[Column]:
    """How those columns are shown: the arm first, by its title, where there are several."""
    arm = arm_column(titles) if "arm" in extra else []
    first = [shown("d", "latent_dim"), shown("λ", "lambda", _three), Column("γ", _gamma)]
    return [*arm, *first, *(shown(name, name, clean) for name in extra if name != "arm")]


def _gamma(row: Row) -> str:
    return _three(row["gamma"]) if has_gamma(row) else MISSING


def _estimate(arm: str) -> list[Column]:
    return [
        shown("vanilla", "vanilla"),
        shown(arm, "acai"),
        Column(f"{arm} − vanilla, 95 % interval", lambda row: estimate(*(row[name] for name in _DIFFERENCE))),
    ]


def _scope() -> Column:
    """Whom a verdict is about, in one column: tables are wide."""
    return Column(", ".join(_SCOPE), lambda row: ", ".join(str(row[name]) for name in _SCOPE))


def _over_seeds(row: Row) -> str:
    """The interval of training noise alone; a dash for one seed."""
    low, high = row["seeds_ci95_low"], row["seeds_ci95_high"]
    return f"{signed(low)} to {signed(high)}" if math.isfinite(low) else MISSING


def _judged(metric: Metric, split: str) -> Column:
    stem = with_split(metric.column, split)

    def text(row: Row) -> str:
        difference = estimate(*(row[f"{stem}_{name}"] for name in _DIFFERENCE))
        return f"{SYMBOLS[row[f'{stem}_verdict']]} {difference}"

    return Column(f"{metric.title}, {metric.better} is better", text)


def _pairs(row: Row) -> str:
    n, out = row["pairs"], row["pairs_left_out"]
    return f"{n:g} of {n + out:g}" if out else f"{n:g}"


def _three(value: float) -> str:
    return number(value, 3)


def _means(analysis: Analysis, name: str, caption: str, columns: Mapping[str, str]) -> Table:
    """The mean of some columns of `summary()` over the runs of each setting and over controls; no rows without any."""
    extra = ["arm"] if len(analysis.arms) > 1 else []
    by_setting = analysis.done.groupby([*extra, "latent_dim", "lam", "gamma"], dropna=False)
    frame = by_setting[list(columns.values())].mean()
    frame.insert(0, "runs", by_setting.size())
    beside = controls(analysis)
    beside = beside[beside[list(columns.values())].notna().any(axis=1)]
    frame = with_controls(frame.reset_index().rename(columns=NAMES), beside)
    arm = [Column("arm", lambda row: analysis.titles.get(row["arm"], clean(row["arm"] or MISSING)))] if extra else []
    settings = [*arm, shown("d", "latent_dim"), Column("λ", lambda_or_control), shown("γ", "gamma", _three)]
    shown_columns = [*settings, shown("runs", "runs", str), *(shown(title, c) for title, c in columns.items())]
    return Table(name, caption, frame if columns else frame.iloc[:0], shown_columns)


def with_controls(frame: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """The rows of each latent size followed by those of its controls."""
    both = pd.concat([frame, beside]) if len(frame) else frame
    labels = both["label"].fillna("") if "label" in both else ""
    ordered = both.assign(label=labels).sort_values("latent_dim", kind="stable", ignore_index=True)
    return ordered[["latent_dim", "label", *(column for column in frame.columns if column != "latent_dim")]]


def lambda_or_control(row: Row) -> str:
    """λ of a setting, or what a control is called."""
    return row["label"] or _three(row["lambda"])
