"""Several studies side by side: frames in which nothing is pooled over studies and no test is made across them."""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.answer import field
from acai_ray.common.frames import Row
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY
from acai_ray.protocol.verdicts import Word
from acai_ray.store import SETTINGS

PLACE = ["latent_dim", "lam", "gamma", "again"]
"""What a cell of one study shares with a cell of another; `again` counts cells of one study that share the rest."""

_VERDICTS = [
    "study",
    "comparable",
    "split",
    *PLACE,
    "metric",
    "n",
    "n_people",
    "n_folds",
    "mean",
    "low",
    "high",
    "vanilla",
    "acai",
    "margin",
]
_VERDICTS += ["verdict", "reason"]


class Agreement(StrEnum):
    """How the studies that have a cell agree in it; the values are columns of `agreement`."""

    BETTER = "better"
    """All say that ACAI is better."""
    WORSE = "worse"
    """All say that it is worse."""
    EQUIVALENT = "equivalent"
    """All say that there is no difference that matters."""
    PARTLY = "partly"
    """Some say one of these, the others are undecided."""
    OPPOSITE = "opposite"
    """They say different things."""
    UNDECIDED = "undecided"
    """All are undecided."""


def name_of(analysis: Analysis) -> str:
    """The study's folder, which tells it from the others."""
    return analysis.results.path.name


def overview(analyses: Sequence[Analysis]) -> pd.DataFrame:
    """One row a study.

    Returns:
        `study question data fingerprint synthetic mean_pose_loss_m2 comparable cells seeds status done runs damaged`;
        studies with the same number in `comparable` may be read side by side in absolute numbers.
    """
    return pd.DataFrame([_study(a, group) for a, group in zip(analyses, comparable(analyses), strict=True)])


def comparable(analyses: Sequence[Analysis]) -> list[int]:
    """A number for each study, the same for those with the same data, evaluation settings and judged split."""
    keys = [_measured_alike(analysis) for analysis in analyses]
    return [keys.index(key) + 1 for key in keys]


def differing_settings(analyses: Sequence[Analysis]) -> pd.DataFrame:
    """The settings of network and training in which the studies differ.

    Returns:
        One row a study, one column a setting; each value is the sorted tuple of what the study's own runs have.
    """
    by_study = {name_of(a): {column: _values(_own_runs(a), column) for column in SETTINGS} for a in analyses}
    frame = pd.DataFrame.from_dict(by_study, orient="index", columns=list(SETTINGS))
    return frame[[column for column in frame if len(set(frame[column])) > 1]]


def verdicts(analyses: Sequence[Analysis]) -> pd.DataFrame:
    """The deciding tests of all studies, one row a study, cell and primary metric, as each study's own page has them.

    Returns:
        `study comparable split latent_dim lam gamma again metric n mean low high vanilla acai margin verdict reason`.
    """
    parts = [
        a.answer.tests.assign(study=name_of(a), comparable=group, split=a.answer.split)
        for a, group in zip(analyses, comparable(analyses), strict=True)
        if a.answer is not None
    ]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_VERDICTS)
    rows["again"] = rows.groupby(["study", "latent_dim", "lam", "gamma", "metric"], dropna=False).cumcount()
    return rows.sort_values(PLACE, kind="stable", ignore_index=True)[_VERDICTS]


def shared(rows: pd.DataFrame, within: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of `verdicts` whose cell at least two studies have; `within` names columns they must share besides."""
    if rows.empty:
        return rows
    keys = [*within, *PLACE]
    return rows[rows.groupby(keys, dropna=False)["study"].transform("nunique") > 1]


def agreement(rows: pd.DataFrame) -> pd.DataFrame:
    """How the studies' verdicts agree, counted in cells that at least two studies have.

    Args:
        rows: what `shared` returned.

    Returns:
        One row a primary metric: `metric cells better worse equivalent partly opposite undecided`, where the last six
        count the cells of each `Agreement`.
    """
    counts = []
    for metric in PRIMARY:
        cells = rows[rows["metric"] == metric.name].groupby(PLACE, dropna=False)["verdict"].agg(frozenset)
        kinds = [_agree(words) for words in cells]
        counts.append(
            {"metric": metric.name, "cells": len(kinds)} | {kind.value: kinds.count(kind) for kind in Agreement}
        )
    return pd.DataFrame(counts)


def _agree(words: frozenset[str]) -> Agreement:
    decided = {word for word in words if Word(word) is not Word.UNDECIDED}
    if not decided:
        return Agreement.UNDECIDED
    if len(decided) > 1:
        return Agreement.OPPOSITE
    return Agreement.PARTLY if decided < words else Agreement(decided.pop())


def _study(analysis: Analysis, group: int) -> Row:
    study, runs, family = analysis.results.study, analysis.results.runs, analysis.answer
    loss = field(study, "data", "mean_pose_loss_m2", default=None)
    return {
        "study": name_of(analysis),
        "question": field(study, "question"),
        "data": field(study, "data", "name"),
        "fingerprint": str(field(study, "data", "fingerprint")),
        "synthetic": field(study, "data", "synthetic") is True,
        "mean_pose_loss_m2": float(loss) if isinstance(loss, int | float) else float("nan"),
        "comparable": group,
        "cells": family.tests["cell"].nunique() if family else 0,
        "seeds": family.pairs["seed"].nunique() if family else 0,
        "status": field(study, "status", default="unknown"),
        "done": int((runs["status"] == "done").sum()),
        "runs": len(runs),
        "damaged": len(analysis.results.damaged),
    }


def _measured_alike(analysis: Analysis) -> tuple[str, ...]:
    """What two studies must share to be read side by side; a study of unknown data shares it with none."""
    study, family = analysis.results.study, analysis.answer
    data = str(field(study, "data", "fingerprint")) or f"unknown data of {analysis.results.path}"
    evaluation = json.dumps(field(study, "space", "evaluation", default={}), sort_keys=True)
    return data, evaluation, family.split if family else ""


def _own_runs(analysis: Analysis) -> pd.DataFrame:
    """The runs that decide, or all but the controls where none does yet."""
    family, runs = analysis.answer, analysis.results.runs
    return family.pairs if family else runs[runs["phase"] != Phase.CONTROL]


def _values(runs: pd.DataFrame, column: str) -> tuple[Any, ...]:
    return tuple(sorted(runs[column].dropna().unique(), key=lambda value: (isinstance(value, str), value)))
