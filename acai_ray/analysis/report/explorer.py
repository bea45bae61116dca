"""What the page's map of the runs and its latent explorer show, as plain data and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from acai_ray.analysis.compare import Analysis, Family
from acai_ray.analysis.compare.alone import alone, alone_split
from acai_ray.analysis.compare.table1 import COLUMNS
from acai_ray.analysis.figures import style
from acai_ray.analysis.figures.pose_figures import gallery_poses
from acai_ray.analysis.saved_models.explorable import Explorable, explorable
from acai_ray.analysis.saved_models.network import Array
from acai_ray.analysis.wording import clean, number
from acai_ray.common import drawing
from acai_ray.common.frames import Row, rows_of
from acai_ray.common.skeleton import BONES, JOINTS
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY, with_split

MOST_POSES = 12
"""Real poses to choose among."""

MOST_NAMED = 5
"""Models left out are named up to this many."""

STEMS = {metric.title: metric.column for metric in PRIMARY} | {
    name: column for name, column in COLUMNS.items() if column not in {metric.column for metric in PRIMARY}
}
"""The metrics to choose among, title and `summary()` column without the split; the primary ones first."""


@dataclass(frozen=True)
class Explorer:
    """The interactive part of the page; without `data` there is none.

    Attributes:
        data: what the page's scripts read, JSON without NaN; everything in it that is text from the study is clean.
        map_notes: sentences above the map.
        notes: sentences above the explorer; they may stand where there is no explorer.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    map_notes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def has_map(self) -> bool:
        """Whether a trial has a number to show."""
        return bool(self.data)

    @property
    def has_pairs(self) -> bool:
        """Whether there are twins, or runs alone, to decode."""
        return bool(self.data) and bool(self.data["pairs"])


def build_explorer(analysis: Analysis) -> Explorer:
    """Gather what the page needs; reads the models of the pairs shown, leaves out and names the damaged ones."""
    poses = real_poses(analysis)
    decodable = explorable(analysis, poses.reshape(len(poses), -1)) if len(poses) > 1 else Explorable()
    trials = _trials(analysis, decodable)
    if not any(value is not None for trial in trials for value in trial["values"]):
        return Explorer()
    places = {run_id: place for place, run_id in enumerate(decodable.decoders)}
    data = {
        "bones": [[parent, child] for child, parent in BONES],
        "sides": [_side(JOINTS[child]) for child, _ in BONES],
        "colours": {"left": drawing.LEFT, "right": drawing.RIGHT}
        | {"vanilla": style.VANILLA, "acai": style.ACAI, "reference": style.REFERENCE},
        "metrics": list(STEMS),
        "better": [metric.better for metric in PRIMARY],
        "split": _map_split(analysis),
        "trials": trials,
        "pairs": [_pair(pair, places, _title(analysis, pair)) for pair in decodable.pairs.values()],
        "networks": [
            {
                "precision": decoder.precision,
                "layers": decoder.layers,
                "codes": decoder.codes,
                "spherical": decoder.spherical,
            }
            for decoder in decodable.decoders.values()
        ],
        "poses": [[round(float(value), 4) for value in pose.ravel()] for pose in poses] if decodable.pairs else [],
    }
    return Explorer(data, _map_notes(analysis), _notes(decodable))


def real_poses(analysis: Analysis) -> Array:
    """`(N, 17, 3)` real poses of the first run of the deciding family that has some; at most `MOST_POSES`.

    Where nothing is compared, they are those of the first run that is done.
    """
    gallery = analysis.results.gallery
    for runs in [family.pairs for family in analysis.families] or [alone(analysis)]:
        for run in rows_of(runs[runs["run_id"].isin(set(gallery["run_id"]))].head(1)):
            poses = gallery_poses(gallery, run["run_id"], "real", MOST_POSES)
            if poses:
                return np.stack(poses)
    return np.empty((0, len(JOINTS), 3), dtype=np.float32)


def _trials(analysis: Analysis, decodable: Explorable) -> list[Row]:
    """One entry a trial, controls left out.

    It has the trial's setting, its numbers on its own split, whether it is a dot, and its place in `pairs`.
    A confirmation is no dot beside a sweep: it repeats a trial that stands in the same place, on other poses.
    """
    summary = analysis.summary[analysis.summary["phase"] != Phase.CONTROL]
    order = {trial_id: place for place, trial_id in enumerate(decodable.pairs)}
    families = {trial_id: family for family in analysis.families for trial_id in family.pairs["trial_id"].unique()}
    by_phase = {phase: family for family in analysis.families for phase in family.group.phases}
    shown = {with_split(stem, split) for stem in STEMS.values() for split in ("valid", "test")}
    values = analysis.summary.set_index("run_id")[[name for name in analysis.summary if name in shown]]
    twins = {
        trial_id: values.loc[list(pairs["twin"])]
        for family in analysis.families
        for trial_id, pairs in family.pairs.groupby("trial_id")
    }
    rows = summary.dropna(subset=["latent_dim"]).sort_values(["latent_dim", "lam", "gamma", "trial_id"])
    trials = []
    for key, runs in rows.groupby("trial_id", sort=False):
        trial_id = str(key)
        family = families.get(trial_id)
        first, done = runs.iloc[0], runs[runs["status"] == "done"]
        group = family or by_phase.get(first["phase"])
        split = group.split if group else _map_split(analysis)
        trials.append(
            {
                "name": clean(trial_id),
                "phase": clean(first["phase"]),
                "title": _title(analysis, first),
                **_setting(first),
                "done": f"{len(done)} of {len(runs)} seeds done",
                "split": split,
                "dot": split == _map_split(analysis) and (first["phase"] != Phase.CONFIRM or not _is_swept(analysis)),
                "values": _values(done, split),
                "twins": _values(twins[trial_id], split) if family else None,
                "pair": order.get(trial_id),
                "note": _note(first["lam"], trial_id, family, decodable),
            }
        )
    return trials


def _note(lam: float, trial_id: str, family: Family | None, decodable: Explorable) -> str:
    """Why a trial cannot be explored; empty where it can."""
    if trial_id in decodable.pairs:
        return ""
    if lam == 0:
        return "A vanilla trial: its runs stand at the left of the pairs of its latent size."
    if family is None:
        return "It is in no pair of finished twins, so there is nothing to put side by side."
    why = decodable.without.get(trial_id, "the study has no pictures of real poses to encode")
    return f"It cannot be explored: {clean(why)}."


def _values(runs: pd.DataFrame, split: str) -> list[float | None]:
    """The mean over the runs of each metric of `STEMS`."""
    columns = (with_split(stem, split) for stem in STEMS.values())
    return [_finite(runs[column].mean()) if column in runs else None for column in columns]


def _setting(run: Mapping[Any, Any] | pd.Series) -> Row:
    return {"latent_dim": int(run["latent_dim"]), "lam": _finite(run["lam"]), "gamma": _finite(run["gamma"])}


def _finite(value: float) -> float | None:
    """Six significant digits, None for what JSON has no number for."""
    return float(f"{value:.6g}") if np.isfinite(value) else None


def _map_split(analysis: Analysis) -> str:
    return analysis.sweep.split if analysis.sweep else alone_split(analysis)


def _is_swept(analysis: Analysis) -> bool:
    return analysis.sweep is not None and analysis.sweep.group.name != Phase.CONFIRM


def _title(analysis: Analysis, run: Mapping[Any, Any] | pd.Series) -> str:
    """What a run's arm is called."""
    return clean("vanilla" if run["lam"] == 0 else analysis.titles.get(run["arm"], run["arm"]))


def _pair(pair: Row, places: Mapping[str, int], title: str) -> Row:
    return {
        "name": clean(pair["trial_id"]),
        "title": title,
        **_setting(pair),
        "seed": str(pair["seed"]),
        "vanilla": places[pair["twin"]] if pair["twin"] else None,
        "acai": places[pair["run_id"]],
        "runs": [clean(pair["twin"]), clean(pair["run_id"])],
    }


def _side(joint: str) -> str:
    return next((side for side in ("left", "right") if joint.startswith(f"{side}_")), "trunk")


def _map_notes(analysis: Analysis) -> list[str]:
    notes = [
        f"Every dot is a trial, the mean over its seeds on {_map_split(analysis)} poses; squares are vanilla (λ = 0). "
        "Large dots with a strong rim can be explored below. Pick one, or choose it in the list."
    ]
    if _is_swept(analysis) and (analysis.summary["phase"] == Phase.CONFIRM).any():
        notes.append(
            "Confirmations are no dots, for they are judged on other poses and seeds; they stand in the list, and "
            "where γ varies, one that is chosen rings the trial it repeats."
        )
    return notes


def _notes(decodable: Explorable) -> list[str]:
    notes = []
    if decodable.pairs:
        trials = len(decodable.pairs) + len(decodable.without)
        twins = any(pair["twin"] for pair in decodable.pairs.values())
        what = "regularized trials" if twins else "trials"
        by = "pair of twins" if twins else "run, beside no twin"
        notes.append(
            f"{len(decodable.pairs)} of {trials} {what} can be explored, each by its first seed's {by}: "
            "taken from the middle λ of each latent size outwards as far as the page's room reaches, never "
            "chosen by a result. Their decoders run in this page, with the weights of the last epoch"
            f"{_precision(decodable)}."
        )
    names = [f"{clean(run_id)} ({clean(why)})" for run_id, why in decodable.unreadable.items()]
    if names:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        notes.append(f"Models left out: {', '.join(names[:MOST_NAMED])}{more}.")
    return notes


def _precision(decodable: Explorable) -> str:
    shift = max(decoder.shift_mm for decoder in decodable.decoders.values())
    return f" as float16, which moves no probed joint by more than {number(shift, 2)} mm" if shift else ""
