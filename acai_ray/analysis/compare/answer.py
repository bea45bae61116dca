"""The answer of a study in a few sentences."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from acai_ray.analysis.compare import Analysis, Family
from acai_ray.analysis.compare.alone import nothing_to_compare
from acai_ray.analysis.compare.takeaway import takeaways
from acai_ray.analysis.reasons import why_in_general
from acai_ray.analysis.wording import SPLITS, clean, counted
from acai_ray.common.people_sentences import dominant_fold, torn_bodies
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY
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
    data = field(study, "data", default={})
    notes += [f"{clean(sentence[0].upper() + sentence[1:])}." for sentence in people_notes(data)]
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


def people_notes(data: object) -> list[str]:
    """What must be known of the people and their bodies, as far as `study.json` tells."""
    if not isinstance(data, Mapping):
        return []
    return [*torn_bodies(data), *dominant_fold(data)]


def answer(analysis: Analysis) -> str:
    """One paragraph: what may be taken away at each latent size, how often each verdict was given, and what is open."""
    family = analysis.answer
    if family is None:
        return nothing_to_compare(analysis)
    lead = LEADS.get(family.group.name, "In these runs")
    scope = f"{lead} ({scope_of(family)}):"
    counts = [f"Of {counted(len(family.tests), 'test')}: {_counts(family.tests)}.", *_metric_sentences(family)]
    return " ".join(filter(None, [scope, *takeaways(family), *counts, *_cautions(family, analysis)]))


def scope_of(family: Family) -> str:
    """Whom the verdicts are about: people, bodies, folds, seeds, and the poses."""
    most = {name: int(family.tests[name].max()) for name in ("n_people", "n_bodies", "n_folds", "n_seeds")}
    bodies = "" if most["n_bodies"] == most["n_people"] else f" with {counted(most['n_bodies'], 'bodies', 'body')}"
    folds = f"in {most['n_folds']} folds, " if most["n_folds"] > 1 else ""
    people = counted(most["n_people"], "people", "person")
    return f"{people}{bodies}, {folds}{counted(most['n_seeds'], 'seed')}, {SPLITS[family.split]} poses"


def _counts(tests: pd.DataFrame) -> str:
    counts = Counter(tests["verdict"])
    return ", ".join(f"{counts[word]} {word}" for word in Word if counts[word])


def _cautions(family: Family, analysis: Analysis) -> list[str]:
    """What limits the answer: one training set, the usual reason for what is undecided, sizes not confirmed."""
    said = []
    if int(family.tests["n_folds"].max()) == 1:
        said.append("One training set stands behind these verdicts: with folds, people would be tested by several.")
    if undecided := reasons(family):
        reason, count = undecided[0]
        often = counted(count, "test")
        said.append(f"The most frequent reason for undecided, in {often}: {why_in_general(reason, family.size)}.")
    return [*said, unconfirmed(analysis.results.runs)]


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
    """Why tests are undecided and how many for each reason, the most frequent first."""
    undecided = family.tests[family.tests["verdict"] == Word.UNDECIDED]
    return Counter(Reason(reason) for reason in undecided["reason"]).most_common()
