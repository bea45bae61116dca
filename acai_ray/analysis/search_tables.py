"""The tables of what a search says, as text cells of the frames that hold the numbers."""

import pandas as pd

from acai_ray.analysis.fronts import AGAINST
from acai_ray.analysis.hypervolume import Hypervolumes
from acai_ray.analysis.importances import Importances
from acai_ray.analysis.people import METRICS
from acai_ray.analysis.primary import PRIMARY
from acai_ray.analysis.records import records
from acai_ray.analysis.tables import Table
from acai_ray.analysis.wording import clean, interval, number, signed

KIND_LABELS = {"fanova": "fANOVA", "ped_anova": "PED-ANOVA"}
_SETTINGS = {"latent_dim": "d", "lam": "λ", "gamma": "γ"}
_ARMS = {"vanilla": "vanilla", "acai": "ACAI"}
_LABELS = {metric.name: metric.title for metric in PRIMARY}


def setting_label(name: str) -> str:
    """`d`, `λ`, `γ`, every other setting by its own name."""
    return _SETTINGS.get(name, clean(name))


def importance_table(found: Importances) -> Table:
    """Every importance with its spread over forests and its value under chance."""
    rows = [
        [
            _LABELS[row["metric"]],
            setting_label(row["setting"]),
            KIND_LABELS[row["kind"]],
            number(row["importance"], 3),
            f"{number(row['low'], 3)} to {number(row['high'], 3)}" if row["kind"] == "fanova" else "",
            number(row["shuffled"], 3),
        ]
        for row in records(found.frame)
    ]
    header = ["metric", "setting", "kind", "importance", "over forests", "with shuffled values"]
    return Table("Importances of the settings", header, rows)


def front_table(frame: pd.DataFrame) -> Table:
    """The trials on the fronts."""
    order = [metric.name for metric in AGAINST]
    rows = [
        [
            number(row["latent_dim"]),
            _LABELS[row["metric"]],
            _ARMS[row["arm"]],
            clean(row["trial_id"]),
            number(row["lam"], 3),
            number(row["gamma"], 3),
            number(row["x"]),
            number(row["y"]),
        ]
        for row in records(frame[frame["front"].astype(bool)].sort_values(["latent_dim", "arm", "x"], kind="stable"))
        if row["metric"] in order
    ]
    header = ["d", "metric", "arm", "trial", "λ", "γ", "reconstruction MPJPE (mm)", "value of the metric"]
    return Table("The trials on the fronts", header, rows)


def hypervolume_table(found: Hypervolumes) -> Table:
    """One row a latent size."""
    rows = [
        [
            number(row["latent_dim"]),
            str(row["trials"]),
            number(row["vanilla"], 3),
            number(row["acai"], 3),
            f"{row['singles_above']} of {row['trials']}",
            str(row["seeds"]),
            f"{number(row['seed_vanilla'], 3)}, {number(row['seed_acai'], 3)}",
            f"{signed(row['mean'])} {interval(row['low'], row['high'])}",
            f"{signed(row['single_mean'])} {interval(row['single_low'], row['single_high'])}",
        ]
        for row in records(found.sizes)
    ]
    header = ["d", "ACAI trials", "vanilla", "all of ACAI", "single ACAI trials above vanilla", "seeds"]
    header += ["by seed: vanilla, all of ACAI", "by seed: all of ACAI − vanilla", "by seed: one ACAI setting − vanilla"]
    return Table(f"Hypervolume on {found.split} poses, as a share of the box (1 is ideal)", header, rows)


def box_table(found: Hypervolumes) -> Table:
    """Ideal and reference point of every latent size."""
    rows = [
        [
            number(row["latent_dim"]),
            clean(row["objective"]),
            clean(f"{row['better']} is better"),
            *(number(row[name]) for name in ("ideal", "worst", "reference")),
        ]
        for row in records(found.boxes)
    ]
    header = ["d", "objective", "", "ideal", "worst", "reference"]
    return Table("Reference points, the same for both arms", header, rows)


def seed_table(found: Hypervolumes) -> Table:
    """Every seed's hypervolumes."""
    rows = [
        [
            number(row["latent_dim"]),
            number(row["seed"], 12),
            *(number(row[name], 3) for name in ("vanilla", "acai", "single")),
            signed(row["difference"]),
            signed(row["single_difference"]),
        ]
        for row in records(found.by_seed)
    ]
    header = ["d", "seed", "vanilla", "all of ACAI", "one ACAI setting, mean", "all − vanilla", "one − vanilla"]
    return Table("Hypervolumes by seed", header, rows)


def agreement_table(frame: pd.DataFrame, split: str) -> Table:
    """One row a cell and metric: how many people agree."""
    rows = [
        [
            number(row["latent_dim"]),
            number(row["lam"], 3),
            number(row["gamma"], 3),
            METRICS[row["metric"]],
            f"{row['lower']} of {row['people']}",
            f"{row['higher']} of {row['people']}",
            signed(row["mean_mm"]),
            f"{signed(row['least_mm'])} to {signed(row['most_mm'])}",
        ]
        for row in records(frame)
    ]
    header = ["d", "λ", "γ", "metric (mm)", "people with ACAI lower (better)", "higher (worse)"]
    header += ["ACAI − vanilla, mean over people", "over people"]
    return Table(f"Agreement of people, on {split} poses", header, rows)


def person_table(frame: pd.DataFrame) -> Table:
    """Every person's difference in every cell."""
    rows = [
        [
            number(row["latent_dim"]),
            number(row["lam"], 3),
            number(row["gamma"], 3),
            METRICS[row["metric"]],
            clean(row["subject"]),
            number(row["n"], 9),
            str(row["seeds"]),
            number(row["vanilla_mm"]),
            number(row["acai_mm"]),
            signed(row["difference_mm"]),
        ]
        for row in records(frame)
    ]
    header = ["d", "λ", "γ", "metric (mm)", "person", "poses", "seeds", "vanilla", "ACAI", "ACAI − vanilla"]
    return Table("Differences by person, mean over seeds", header, rows)
