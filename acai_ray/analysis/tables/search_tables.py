"""The tables of what a search says, of the frames that hold the numbers."""

from collections.abc import Mapping

import pandas as pd

from acai_ray.analysis.compare.arm_titles import one_word
from acai_ray.analysis.compare.fronts import AGAINST
from acai_ray.analysis.compare.hypervolume import Hypervolumes
from acai_ray.analysis.compare.importances import Importances
from acai_ray.analysis.tables.table import Column, Table, arm_column, shown
from acai_ray.analysis.wording import MISSING, clean, estimate, number, setting_label, signed
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.power import POWER
from acai_ray.protocol.primary import PRIMARY

KIND_LABELS = {"fanova": "fANOVA", "ped_anova": "PED-ANOVA"}
_LABELS = {metric.name: metric.title for metric in PRIMARY}


def importance_table(importances: Importances) -> Table:
    """Every importance with its spread over forests and its value under chance."""
    columns = [
        shown("metric", "metric", _LABELS.__getitem__),
        shown("setting", "setting", setting_label),
        shown("kind", "kind", KIND_LABELS.__getitem__),
        shown("importance", "importance", _three),
        Column(
            "over forests",
            lambda row: f"{_three(row['low'])} to {_three(row['high'])}" if row["kind"] == "fanova" else "",
        ),
        shown("with shuffled values", "shuffled", _three),
    ]
    return Table("importances", "Importances of the settings", importances.frame, columns)


def pick_table(frame: pd.DataFrame, titles: Mapping[str, str]) -> Table:
    """What was picked for the confirmation, and at which price in the search."""
    columns = [
        *arm_column(titles),
        shown("d", "latent_dim"),
        shown("pick", "pick", lambda names: clean(names).replace("+", ", ")),
        shown("λ", "lambda", _three),
        shown("γ", "gamma", _three),
        shown("trial of the search", "trial", lambda trial: clean(trial) if isinstance(trial, str) else MISSING),
        shown("cost in reconstruction (mm)", "cost_mm", signed),
        shown("gain in path bone excess (mm)", "gain_mm", signed),
    ]
    caption = "What the search picked, with cost and gain on validation people, mean over its seeds"
    return Table("picks", caption, frame.rename(columns={"lam": "lambda"}), columns)


def front_table(frame: pd.DataFrame, arm: str) -> Table:
    """The trials on the fronts."""
    chosen = frame[frame["front"].astype(bool) & frame["metric"].isin([metric.name for metric in AGAINST])]
    names = {"lam": "lambda", "x": "reconstruction_mpjpe_mm", "y": "value"}
    frame = chosen.sort_values(["latent_dim", "arm", "x"], kind="stable").drop(columns="front").rename(columns=names)
    columns = [
        shown("d", "latent_dim"),
        shown("metric", "metric", _LABELS.__getitem__),
        shown("arm", "arm", {Arm.VANILLA: "vanilla", Arm.ACAI: arm}.__getitem__),
        shown("trial", "trial_id", clean),
        shown("λ", "lambda", _three),
        shown("γ", "gamma", _three),
        shown("reconstruction MPJPE (mm)", "reconstruction_mpjpe_mm"),
        shown("value of the metric", "value"),
    ]
    return Table("pareto_fronts", "The trials on the fronts", frame, columns)


def hypervolume_table(hypervolumes: Hypervolumes, arm: str) -> Table:
    """One row a latent size."""
    columns = [
        shown("d", "latent_dim"),
        shown(f"{arm} trials", "trials", str),
        shown("vanilla", "vanilla", _three),
        shown(f"all of {arm}", "acai", _three),
        Column(f"single {arm} trials above vanilla", lambda row: f"{row['singles_above']} of {row['trials']}"),
        shown("seeds", "seeds", str),
        Column(
            f"by seed: vanilla, all of {arm}", lambda row: f"{_three(row['seed_vanilla'])}, {_three(row['seed_acai'])}"
        ),
        _estimate(f"by seed: all of {arm} − vanilla", ""),
        _estimate(f"by seed: one {arm} setting − vanilla", "single_"),
    ]
    caption = f"Hypervolume on {hypervolumes.split} poses, as a share of the box (1 is ideal)"
    return Table("hypervolumes", caption, hypervolumes.sizes, columns)


def box_table(hypervolumes: Hypervolumes) -> Table:
    """Ideal and reference point of every latent size."""
    columns = [
        shown("d", "latent_dim"),
        shown("objective", "objective", clean),
        shown("better", "better", clean),
        *(shown(name, name) for name in ("ideal", "worst", "reference")),
    ]
    return Table("reference_points", "Reference points, the same for both arms", hypervolumes.boxes, columns)


def seed_table(hypervolumes: Hypervolumes, arm: str) -> Table:
    """Every seed's hypervolumes."""
    columns = [
        shown("d", "latent_dim"),
        shown("seed", "seed", lambda seed: number(seed, 12)),
        shown("vanilla", "vanilla", _three),
        shown(f"all of {arm}", "acai", _three),
        shown(f"one {arm} setting, mean", "single", _three),
        shown("all − vanilla", "difference", signed),
        shown("one − vanilla", "single_difference", signed),
    ]
    return Table("hypervolumes_by_seed", "Hypervolumes by seed", hypervolumes.by_seed, columns)


def noise_table(frame: pd.DataFrame, arm: str) -> Table:
    """How differences vary, and how small a difference this study shows."""
    columns = [
        shown("metric", "metric", _LABELS.__getitem__),
        shown("between people", "person", _three),
        shown("between folds", "fold", _three),
        shown("between runs", "run", _three),
        shown("rest", "rest", _three),
        shown(f"smallest difference shown with {POWER:.0%} power", "smallest", _three),
    ]
    caption = f"Standard deviations of the differences {arm} − vanilla, pooled over cells"
    return Table("noise", caption, frame, columns)


def agreement_table(frame: pd.DataFrame, split: str, titles: Mapping[str, str]) -> Table:
    """One row a cell and metric: how many people agree."""
    columns = [
        *_cell(titles),
        Column(f"people with {one_word(titles)} lower", lambda row: f"{row['lower']} of {row['people']}"),
        Column("higher", lambda row: f"{row['higher']} of {row['people']}"),
        Column(
            f"{one_word(titles)} − vanilla over people", lambda row: f"{signed(row['least'])} to {signed(row['most'])}"
        ),
    ]
    caption = f"Agreement of people, on {split} poses"
    return Table("people_agreement", caption, frame.rename(columns={"lam": "lambda"}), columns)


def person_table(frame: pd.DataFrame, titles: Mapping[str, str]) -> Table:
    """Every person's difference in every cell."""
    columns = [
        *_cell(titles),
        shown("person", "person", clean),
        shown("fold", "fold", lambda fold: number(fold + 1)),
        shown("seeds", "seeds", str),
        shown("vanilla", "vanilla"),
        shown(one_word(titles), "acai"),
        shown(f"{one_word(titles)} − vanilla", "value", signed),
    ]
    caption = "Differences by person, mean over seeds"
    return Table("people", caption, frame.rename(columns={"lam": "lambda"}), columns)


def _cell(titles: Mapping[str, str]) -> list[Column]:
    settings = [shown("d", "latent_dim"), shown("λ", "lambda", _three), shown("γ", "gamma", _three)]
    return [*arm_column(titles), *settings, shown("metric", "metric", _LABELS.__getitem__)]


def _estimate(heading: str, stem: str) -> Column:
    def text(row: dict[str, float]) -> str:
        return estimate(row[f"{stem}mean"], row[f"{stem}low"], row[f"{stem}high"])

    return Column(heading, text)


def _three(value: float) -> str:
    return number(value, 3)
