"""Which runs may be compared: every run with a regularizer beside its exact vanilla twin."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from acai_ray.common.frames import Row, rows_of
from acai_ray.protocol.obstacles import Obstacle
from acai_ray.protocol.phases import Phase
from acai_ray.store import SETTINGS

CELL = ("arm", "options", "latent_dim", "lam", "gamma", *SETTINGS, "epochs", "steps")
"""The columns of `runs` that are equal for all seeds and folds of one compared cell."""

_LENGTH = ("epochs", "steps", "epochs_planned", "steps_per_epoch")
_WAY = ("threads", "mode")
_TWIN = ("seed", "fold", "latent_dim", *(column for column in SETTINGS if column not in _LENGTH))
_LEFT_OUT = ["run_id", "obstacle", "twin"]


@dataclass(frozen=True)
class Group:
    """Phases whose runs are compared with each other and corrected as one family.

    Attributes:
        name: the phase that the group is named after; part of the names of its files.
        phases: of the runs with a regularizer.
        twins: phases their vanilla twins may have.
        split: the poses they are judged on, where the study has measured it.
        role: what the group's verdicts may be used for.
    """

    name: str
    title: str
    phases: tuple[Phase, ...]
    twins: tuple[Phase, ...]
    split: str
    role: str


SWEEP = (Phase.GRID, Phase.SEARCH, Phase.BASELINE)
"""The phases of a sweep: their vanilla runs may be twins of each other's regularized ones."""

GROUPS = (
    Group(
        name=Phase.CONFIRM.value,
        title="Confirmation on fresh seeds",
        phases=(Phase.CONFIRM,),
        twins=(Phase.CONFIRM,),
        split="test",
        role="Settings picked by the search, trained again with seeds the search never saw. This is the answer.",
    ),
    Group(
        name=Phase.GRID.value,
        title="Planned grid",
        phases=(Phase.GRID,),
        twins=SWEEP,
        split="test",
        role="Every cell was named before the study ran; none was selected.",
    ),
    Group(
        name=Phase.SEARCH.value,
        title="Search (exploratory)",
        phases=(Phase.SEARCH,),
        twins=SWEEP,
        split="valid",
        role="Exploratory: the search chose where to look by these very numbers. Only fresh seeds can confirm them.",
    ),
    Group(
        name=Phase.SINGLE.value,
        title="Single experiments",
        phases=(Phase.SINGLE,),
        twins=(Phase.SINGLE,),
        split="test",
        role="Runs started one by one.",
    ),
)
"""In the order of their authority."""

CHAOS = Group(
    name="chaos",
    title="Chaos floor",
    phases=(Phase.CONTROL,),
    twins=SWEEP,
    split="test",
    role="Twins of vanilla runs with a λ of no consequence: what differs is chaos.",
)


def pair_runs(runs: pd.DataFrame, group: Group) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pair each regularized run of a group with the done vanilla run of the same seed, settings and length.

    Args:
        runs: the table `runs`.
        group: whose runs to pair.

    Returns:
        The pairs: the regularized run's columns plus `twin`, the vanilla `run_id`. The runs left out: `run_id obstacle
        twin`, where `twin` is the vanilla run that the obstacle is about, empty if it is about the run alone.
    """
    twins = _by_key(runs[runs["phase"].isin(group.twins) & (runs["lam"] == 0)])
    acai = runs[runs["phase"].isin(group.phases) & (runs["lam"] > 0)].sort_values(
        ["arm", "latent_dim", "lam", "gamma", "run_id"]
    )
    paired: list[Row] = []
    left_out: list[Row] = []
    taken: set[tuple[Any, ...]] = set()
    for run in rows_of(acai):
        match = _match(run, twins[_key(run, _TWIN)])
        identity = _key(run, ("seed", "fold", *CELL))
        if match.obstacle is None and identity in taken:
            match = _Match(Obstacle.REPEATED)
        if match.obstacle is None:
            taken.add(identity)
            paired.append({**run, "twin": match.twin})
        else:
            left_out.append({"run_id": run["run_id"], "obstacle": match.obstacle.value, "twin": match.twin})
    return pd.DataFrame(paired, columns=[*runs.columns, "twin"]), pd.DataFrame(left_out, columns=_LEFT_OUT)


def unfinished(runs: pd.DataFrame) -> pd.DataFrame:
    """All runs that are not done: `run_id obstacle twin`."""
    rows = runs[runs["status"] != "done"]
    return pd.DataFrame({"run_id": rows["run_id"], "obstacle": Obstacle.NOT_DONE.value, "twin": ""})


@dataclass(frozen=True)
class _Match:
    """The twin of a run, or what keeps the run out and the vanilla run which that is about, if any."""

    obstacle: Obstacle | None
    twin: str = ""


def _match(run: Row, candidates: Sequence[Row]) -> _Match:
    """Choose a run's twin among the vanilla runs of its seed and settings."""
    if run["status"] != "done":
        return _Match(Obstacle.NOT_DONE)
    if not _complete(run):
        return _Match(Obstacle.NOT_ALL_EPOCHS)
    if not candidates:
        return _Match(Obstacle.NO_TWIN)
    done = [twin for twin in candidates if twin["status"] == "done"]
    if not done:
        return _Match(Obstacle.TWIN_NOT_DONE, candidates[0]["run_id"])
    as_long = _alike(run, done, _LENGTH)
    if not as_long:
        return _Match(Obstacle.OTHER_LENGTH, done[0]["run_id"])
    exact = _alike(run, as_long, _WAY)
    if not exact:
        return _Match(Obstacle.OTHER_WAY, as_long[0]["run_id"])
    # γ does not reach a vanilla autoencoder, so twins may differ in it; the one with the run's own γ comes first.
    own = next((twin for twin in exact if twin["gamma"] == run["gamma"]), exact[0])
    return _Match(None, own["run_id"])


def _alike(run: Row, twins: Sequence[Row], columns: tuple[str, ...]) -> list[Row]:
    return [twin for twin in twins if _key(twin, columns) == _key(run, columns)]


def _by_key(runs: pd.DataFrame) -> dict[tuple[Any, ...], list[Row]]:
    by_key: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for run in rows_of(runs.sort_values("run_id")):
        by_key[_key(run, _TWIN)].append(run)
    return by_key


def _key(run: Row, columns: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(None if pd.isna(run[column]) else run[column] for column in columns)


def _complete(run: Row) -> bool:
    planned = run["epochs_planned"]
    return bool(pd.isna(planned)) or bool(run["epochs"] == planned)
