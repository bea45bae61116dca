"""The answer of a study in a few sentences."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from acai_ray.analysis.compare import Analysis, Family
from acai_ray.analysis.reasons import why_in_general
from acai_ray.analysis.wording import clean, counted
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY
from acai_ray.protocol.statistics import family_capacity, seeds_needed
from acai_ray.protocol.verdicts import Reason, Word

LEADS: Mapping[str, str] = {
    Phase.CONFIRM: "On fresh seeds and settings picked beforehand",
    Phase.GRID: "Over the planned grid",
    Phase.SEARCH: "In the search, which is exploratory and cannot confirm anything",
}
"""How the answer begins, by the name of the deciding group."""


def field(study: object, *keys: str, default: Any = "") -> Any:
    """A nested value of `study.json`, `default` where the study lacks it or holds something else there."""
    for key in keys:
        if not isinstance(study, Mapping) or study.get(key) is None:
            return default
        study = study[key]
    return study


def warnings(analysis: Analysis) -> list[str]:
    """What a reader must know before any number: the data is synthetic, the study unfinished, files damaged."""
    study, runs = analysis.results.study, analysis.results.runs
    notes = []
    if field(study, "data", "synthetic") is True:
        notes.append("The poses are synthetic, made by this program: nothing here is evidence about human poses.")
    done = int((runs["status"] == "done").sum())
    status = clean(field(study, "status")) or ("running" if not field(study, "end") else "finished")
    if status == "finished" and (runs["status"] == "running").any():
        status = "marked finished, but some runs are still marked running"
    if status != "finished":
        notes.append(
            f"This study is not finished (it is {status}): {_searched(study, runs)}{done} of {len(runs)} runs "
            "are done, and verdicts may still change."
        )
    if analysis.results.damaged:
        notes.append(
            f"Files are damaged ({len(analysis.results.damaged)}) and left out; they are named under “What failed”."
        )
    return notes


def answer(analysis: Analysis) -> str:
    """One paragraph: for each primary metric how often ACAI is better, worse or inconclusive, or the usual reason."""
    family = analysis.answer
    if family is None:
        return (
            "There is nothing to compare yet: no ACAI run is done together with its vanilla twin (same seed, settings)."
        )
    cells = family.tests["cell"].nunique()
    lead = LEADS.get(family.group.name, "In these runs")
    scope = f"{lead} ({counted(cells, 'cell')}, {_seeds(family)}, {family.split} poses)"
    if (family.tests["verdict"] == Word.INCONCLUSIVE).all():
        reason, count = reasons(family)[0]
        why = why_in_general(reason, family.size)
        lines = [f"{scope}, no difference between ACAI and vanilla could be decided."]
        lines.append(f"The most frequent reason, in {count} of {counted(len(family.tests), 'test')}: {why}.")
        lines.append(advice(family))
    else:
        lines = [f"{scope}, ACAI compares with vanilla as follows.", *_metric_sentences(family)]
    return " ".join(filter(None, [*lines, unconfirmed(analysis.results.runs)]))


def unconfirmed(runs: pd.DataFrame) -> str:
    """At which latent sizes the search has been, but not the confirmation; nothing before there is one."""
    searched, confirmed = (
        set(runs.loc[runs["phase"] == phase, "latent_dim"]) for phase in (Phase.SEARCH, Phase.CONFIRM)
    )
    sizes = ", ".join(f"d = {size}" for size in sorted(searched - confirmed))
    return f"Nothing is confirmed at {sizes}." if confirmed and sizes else ""


def _searched(study: object, runs: pd.DataFrame) -> str:
    """How far the search is, where there is one."""
    planned, begun = field(study, "space", "trials"), runs.loc[runs["phase"] == Phase.SEARCH, "trial_id"].nunique()
    return f"{begun} of {planned} trials of its search are begun, " if begun and isinstance(planned, int) else ""


def _metric_sentences(family: Family) -> list[str]:
    sentences = []
    for metric in PRIMARY:
        rows = family.tests[family.tests["metric"] == metric.name]
        counts = Counter(rows["verdict"])
        parts = [f"{word} in {counts[word]}" for word in Word if counts[word]]
        sentences.append(f"{metric.label}: {', '.join(parts)} of {len(rows)}.")
    return sentences


def reasons(family: Family) -> list[tuple[Reason, int]]:
    """Why tests are inconclusive and how many for each reason, the most frequent first."""
    undecided = family.tests[family.tests["verdict"] == Word.INCONCLUSIVE]
    return Counter(Reason(reason) for reason in undecided["reason"]).most_common()


def advice(family: Family) -> str:
    """How many seeds the family needs, where it has too few."""
    tests = family.size
    if tests and family_capacity(int(family.tests["n"].max())) < tests:
        return f"One Holm family of {counted(tests, 'test')} needs at least {seeds_needed(tests)} seeds."
    return ""


def _seeds(family: Family) -> str:
    sizes = sorted({int(n) for n in family.tests["n"]})
    return counted(sizes[0], "pair") if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} pairs"
