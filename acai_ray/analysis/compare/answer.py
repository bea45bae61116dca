"""The answer of a study in a few sentences."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from acai_ray.analysis.compare import Analysis, Family
from acai_ray.analysis.wording import clean
from acai_ray.protocol.primary import PRIMARY, describe_margins
from acai_ray.protocol.statistics import EXACT_PAIRS, LEVEL, MONTE_CARLO_DRAWS, family_capacity, seeds_needed


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
    found = []
    if field(study, "data", "synthetic") is True:
        found.append("The poses are synthetic, made by this program: nothing here is evidence about human poses.")
    done = int((runs["status"] == "done").sum())
    status = clean(field(study, "status")) or ("running" if not field(study, "end") else "finished")
    if status == "finished" and (runs["status"] == "running").any():
        status = "marked finished, but some runs are still marked running"
    if status != "finished":
        found.append(
            f"This study is not finished (it is {status}): {_searched(study, runs)}{done} of {len(runs)} runs "
            "are done, and verdicts may still change."
        )
    if analysis.results.damaged:
        found.append(
            f"Files are damaged ({len(analysis.results.damaged)}) and left out; they are named under “What failed”."
        )
    return found


def answer(analysis: Analysis) -> str:
    """One paragraph: per primary metric how often ACAI is better, worse or undecided, and mostly why."""
    family = analysis.answer
    if family is None:
        return (
            "There is nothing to compare yet: no ACAI run is done together with its vanilla twin (same seed, settings)."
        )
    lead = {
        "confirm": "On fresh seeds and settings picked beforehand",
        "grid": "Over the planned grid",
        "search": "In the search, which is exploratory and cannot confirm anything",
    }.get(family.group.name, "In these runs")
    cells = family.tests["cell"].nunique()
    scope = f"{lead} ({_count(cells, 'cell')}, {_seeds(family)}, {family.split} poses)"
    if (family.tests["verdict"] == "inconclusive").all():
        why, count = reasons(family)[0]
        lines = [f"{scope}, no difference between ACAI and vanilla could be decided."]
        lines.append(f"The most frequent reason, in {count} of {_count(len(family.tests), 'test')}: {why}.")
        lines.append(advice(family))
    else:
        lines = [f"{scope}, ACAI compares with vanilla as follows.", *_metric_sentences(family)]
    return " ".join(filter(None, [*lines, unconfirmed(analysis.results.runs)]))


def unconfirmed(runs: pd.DataFrame) -> str:
    """At which latent sizes the search has been, but not the confirmation; nothing before there is one."""
    searched, confirmed = (set(runs.loc[runs["phase"] == phase, "latent_dim"]) for phase in ("search", "confirm"))
    sizes = ", ".join(f"d = {size}" for size in sorted(searched - confirmed))
    return f"Nothing is confirmed at {sizes}." if confirmed and sizes else ""


def method(analysis: Analysis) -> str:
    """How the verdicts were reached, in the words a methods section needs."""
    return (
        "Each difference is ACAI − vanilla between two runs with the same seed, initial weights, batches and "
        "evaluation draws. The interval is Student's t with n − 1 degrees of freedom; p is the two-sided sign-flip "
        f"test over all 2ⁿ patterns (exact up to {EXACT_PAIRS} pairs, {MONTE_CARLO_DRAWS:,} drawn patterns above); "
        "Holm's adjustment covers all cells × the four primary metrics of one table. "
        f"Better or worse needs an adjusted p ≤ {LEVEL:g} and a mean difference beyond the margin "
        f"({describe_margins(analysis.margins)}) and beyond the chaos floor, what a λ of 1e-6 changes, "
        "where that was measured. r is the correlation of the two arms over seeds. "
        "Seeds measure training noise, not people."
    )


def _searched(study: object, runs: pd.DataFrame) -> str:
    """How far the search is, where there is one."""
    planned, begun = field(study, "space", "trials"), runs.loc[runs["phase"] == "search", "trial_id"].nunique()
    return f"{begun} of {planned} trials of its search are begun, " if begun and isinstance(planned, int) else ""


def _metric_sentences(family: Family) -> list[str]:
    sentences = []
    for metric in PRIMARY:
        rows = family.tests[family.tests["metric"] == metric.name]
        counts = Counter(rows["verdict"])
        parts = [f"{word} in {counts[word]}" for word in ("better", "worse", "inconclusive") if counts[word]]
        sentences.append(f"{metric.label}: {', '.join(parts)} of {len(rows)}.")
    return sentences


def reasons(family: Family) -> list[tuple[str, int]]:
    """Why tests are inconclusive and how many for each reason, the most frequent first."""
    undecided = family.tests[family.tests["verdict"] == "inconclusive"]
    return Counter(str(reason) for reason in undecided["reason"]).most_common()


def advice(family: Family) -> str:
    """How many seeds the family needs, where it has too few."""
    tests = int(family.tests["p"].notna().sum())
    if tests and family_capacity(int(family.tests["n"].max())) < tests:
        return f"One Holm family of {_count(tests, 'test')} needs at least {seeds_needed(tests)} seeds."
    return ""


def _seeds(family: Family) -> str:
    sizes = sorted({int(n) for n in family.tests["n"]})
    return _count(sizes[0], "pair") if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} pairs"


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"
