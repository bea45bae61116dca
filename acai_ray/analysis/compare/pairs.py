"""Which runs may be compared: every ACAI run beside its exact vanilla twin."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pandas as pd

from acai_ray.common.frames import Row, records
from acai_ray.store import SETTINGS

CELL = ("latent_dim", "lam", "gamma", *SETTINGS, "epochs", "steps")
"""The columns of `runs` that are equal for all seeds of one compared cell."""

_LENGTH = ("epochs", "steps", "epochs_planned", "steps_per_epoch")
_WAY = ("threads", "mode")
_TWIN = ("seed", "latent_dim", *(column for column in SETTINGS if column not in _LENGTH))


@dataclass(frozen=True)
class Group:
    """Phases whose runs are compared with each other and corrected as one family.

    Attributes:
        phases: of the ACAI runs.
        twins: phases their vanilla twins may have.
        split: the poses they are judged on, where the study has measured it.
        role: what the group's verdicts may be used for.
    """

    name: str
    title: str
    phases: tuple[str, ...]
    twins: tuple[str, ...]
    split: str
    role: str


_SWEEP = ("grid", "search", "baseline")
GROUPS = (
    Group(
        "confirm",
        "Confirmation on fresh seeds",
        ("confirm",),
        ("confirm",),
        "test",
        "Settings picked by the search, trained again with seeds the search never saw. This is the answer.",
    ),
    Group(
        "grid",
        "Planned grid",
        ("grid",),
        _SWEEP,
        "test",
        "Every cell was named before the study ran; none was selected.",
    ),
    Group(
        "search",
        "Search (exploratory)",
        ("search",),
        _SWEEP,
        "valid",
        "Exploratory: the search chose where to look by these very numbers. Only fresh seeds can confirm them.",
    ),
    Group("single", "Single experiments", ("single",), ("single",), "test", "Runs started one by one."),
)


CHAOS = Group(
    "chaos",
    "Chaos floor",
    ("control",),
    _SWEEP,
    "test",
    "Twins of vanilla runs with a λ of no consequence: what differs is chaos.",
)


def pair_runs(runs: pd.DataFrame, group: Group) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pair each ACAI run of a group with the done vanilla run of the same seed, settings and length.

    Args:
        runs: the table `runs`.
        group: whose runs to pair.

    Returns:
        The pairs: the ACAI run's columns plus `twin`, the vanilla `run_id`. The ACAI runs left out: `run_id` and `why`.
    """
    twins = _by_key(runs[runs["phase"].isin(group.twins) & (runs["lam"] == 0)])
    acai = runs[runs["phase"].isin(group.phases) & (runs["lam"] > 0)].sort_values(
        ["latent_dim", "lam", "gamma", "run_id"]
    )
    paired: list[Row] = []
    left_out: list[dict[str, str]] = []
    taken: set[tuple[Any, ...]] = set()
    for run in records(acai):
        candidates = twins[_key(run, _TWIN)]
        why = _obstacle(run, candidates)
        identity = _key(run, ("seed", *CELL))
        if not why and identity in taken:
            why = "another run has the same seed and settings"
        if why:
            left_out.append({"run_id": run["run_id"], "why": why})
            continue
        taken.add(identity)
        paired.append({**run, "twin": _best(run, candidates)["run_id"]})
    return pd.DataFrame(paired, columns=[*runs.columns, "twin"]), pd.DataFrame(left_out, columns=["run_id", "why"])


def unfinished(runs: pd.DataFrame) -> pd.DataFrame:
    """All runs that are not done: `run_id` and `why`."""
    rows = runs[runs["status"] != "done"]
    return pd.DataFrame({"run_id": rows["run_id"], "why": [_state(run) for run in records(rows)]})


def _by_key(runs: pd.DataFrame) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for run in records(runs.sort_values("run_id")):
        found[_key(run, _TWIN)].append(run)
    return found


def _key(run: Row, columns: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(None if pd.isna(run[column]) else run[column] for column in columns)


def _obstacle(run: Row, candidates: list[Row]) -> str:
    if run["status"] != "done":
        return _state(run)
    if not _complete(run):
        return f"trained for {_length(run)}, {run['epochs_planned']:g} epochs were planned"
    if not candidates:
        return "no vanilla twin with the same seed and settings"
    done = [twin for twin in candidates if twin["status"] == "done"]
    if not done:
        return f"its vanilla twin {candidates[0]['run_id']} did not finish ({_state(candidates[0])})"
    if not _same_length(run, done):
        return f"trained for {_length(run)}, its vanilla twin {done[0]['run_id']} for {_length(done[0])}"
    if not _same_way(run, _same_length(run, done)):
        return f"computed with {_way(run)}, its vanilla twin with {_way(done[0])}; only the same gives exact twins"
    return ""


def _same_way(run: Row, twins: list[Row]) -> list[Row]:
    return [twin for twin in twins if _key(twin, _WAY) == _key(run, _WAY)]


def _way(run: Row) -> str:
    return f"{run['threads']:g} threads in mode {run['mode']}"


def _best(run: Row, candidates: list[Row]) -> Row:
    """Of several twins (γ does not reach a vanilla autoencoder) the one with the run's own γ, else the first."""
    fit = _same_way(run, _same_length(run, [twin for twin in candidates if twin["status"] == "done"]))
    return next((twin for twin in fit if twin["gamma"] == run["gamma"]), fit[0])


def _same_length(run: Row, twins: list[Row]) -> list[Row]:
    return [twin for twin in twins if _key(twin, _LENGTH) == _key(run, _LENGTH)]


def _complete(run: Row) -> bool:
    planned = run["epochs_planned"]
    return bool(pd.isna(planned)) or bool(run["epochs"] == planned)


def _length(run: Row) -> str:
    return " and ".join(f"{'?' if pd.isna(run[part]) else int(run[part])} {part}" for part in ("epochs", "steps"))


def _state(run: Row) -> str:
    reason = run["reason"]
    return f"{run['status']}: {reason}" if isinstance(reason, str) and reason else str(run["status"])
