"""Sentences of a methods section on how settings were chosen, measured and compared."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.answer import field, scope_of, unconfirmed
from acai_ray.analysis.methods.sentences import Sentence, listed, plain, say
from acai_ray.analysis.wording import CHAOS_LAMBDA, SETTING_SYMBOLS, describe_margins, in_words
from acai_ray.protocol.confirmation import RECONSTRUCTION_ALLOWANCE, Pick
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY
from acai_ray.protocol.statistics import LEVEL
from acai_ray.protocol.statuses import RunStatus

METRICS = {
    "coverage": ("Density and coverage count neighbours among the {neighbours} nearest real poses.", ["naeem2020"]),
    "improved_precision": (
        "Improved precision and recall take the {precision_neighbours} nearest neighbours and decide nothing.",
        ["kynkaanniemi2019"],
    ),
    "frechet": (
        "The Fréchet distance is that of Gaussians fitted to the poses' coordinates, not to a network's features.",
        ["heusel2017", "dowson1982"],
    ),
    "pa_reconstruction": (
        "PA-MPJPE is the error after the similarity transform that brings the reconstruction closest.",
        ["umeyama1991"],
    ),
}
"""What is said of a metric where a study has it, and whom that cites."""


PICKED: Mapping[Pick, str] = {
    Pick.FREE: "Free is the largest gain in path bone excess at a cost in reconstruction within its margin.",
    Pick.BALANCED: "Balanced is the knee of the front of the cost in reconstruction and the gain in path bone excess.",
    Pick.STRONG: (
        "Strong is the lowest mean rank over the objectives other than reconstruction, among the settings whose "
        f"reconstruction error is at most {RECONSTRUCTION_ALLOWANCE:.2f} times their twin's."
    ),
}
"""What each pick is."""


def search(study: object, runs: pd.DataFrame) -> list[Sentence]:
    """How the settings of the trials were found."""
    trials = runs.groupby("phase")["trial_id"].nunique()
    said = say("{n} settings were named before the study ran.", n=int(trials.get(Phase.GRID.value, 0)) or None)
    space, objectives = (field(study, "space", part, default={}) for part in ("search", "objectives"))
    if Phase.SEARCH in trials and isinstance(space, Mapping) and isinstance(objectives, Mapping):
        several = ["ozaki2022"] if len(objectives) > 1 else []
        said += say(
            "{n} settings were picked by the tree-structured Parzen estimator of Optuna from {space}.",
            ["bergstra2011", *several, "akiba2019"],
            n=int(trials[Phase.SEARCH.value]),
            space=listed(f"{_symbol(name)} {_range(dimension)}" for name, dimension in space.items()),
        )
        own = field(study, "space", "for_regularizer", default={})
        for part, ranges in own.items() if isinstance(own, Mapping) else ():
            listing = ranges.items() if isinstance(ranges, Mapping) else ()
            said += say(
                "For {part} alone it was {ranges}.",
                part=plain(part),
                ranges=listed(f"{_symbol(name)} {_range(dimension)}" for name, dimension in listing),
            )
        said += say(
            "The first {n} were spread evenly over the ranges, λ on the logarithm.",
            n=field(study, "sampler", "start_trials"),
        )
        goals = listed(f"{plain(name)} ({plain(way)})" for name, way in objectives.items())
        said += say("Its objectives, on validation poses and averaged over seeds, were {goals}.", goals=goals)
    if field(study, "versions", "ray") and len(trials):
        said += say("The trials were run by Ray Tune.", ["liaw2018"])
    return said


def stopping(study: object, runs: pd.DataFrame) -> list[Sentence]:
    """Which trials of the search were stopped, and by what."""
    epochs = field(study, "space", "stop", "at", default=[])
    searched = runs[runs["phase"] == Phase.SEARCH].drop_duplicates("trial_id")
    objectives = field(study, "space", "objectives", default={})
    several = isinstance(objectives, Mapping) and len(objectives) > 1
    how = " in non-dominated rank and crowding" if several else ""
    return say(
        "After epochs {epochs} a trial was stopped unless less than the share {keep} of the trials that had come as "
        f"far, of the same latent size and regularizer, were ahead of it{how}, measured on a small sample of "
        "validation poses; {n} of {of} trials were stopped, and enter no comparison.",
        ["li2020", *(["deb2002"] if several else [])],
        epochs=listed(epochs if isinstance(epochs, list) else []),
        keep=field(study, "space", "stop", "keep"),
        n=str((searched["status"] == RunStatus.STOPPED).sum()),
        of=len(searched) or None,
    )


def confirmation(study: object, runs: pd.DataFrame) -> list[Sentence]:
    """What was trained again on fresh seeds, and how it was picked."""
    if Phase.CONFIRM not in set(runs["phase"]):
        return []
    confirm = field(study, "space", "confirm", default={})
    picks, folds = field(confirm, "picks", default=[]), field(confirm, "folds")
    names = [pick for pick in Pick if isinstance(picks, list) and pick in picks]
    where = f" in each of {plain(folds)} folds of the people the search had not chosen by" if folds else ""
    said = say(
        "For the confirmation, the picks {picks} of each latent size were trained again beside their vanilla twins, "
        f"each with {{seeds}} fresh {{word}}{where}.",
        picks=listed(names),
        seeds=field(confirm, "seeds"),
        word="seed" if field(confirm, "seeds") == 1 else "seeds",
    )
    for pick in names:
        said += say(PICKED[pick])
    return said + say("{left_out}", left_out=unconfirmed(runs) or None)


def evaluation(study: object, measured: set[str]) -> list[Sentence]:
    """The primary metrics, the sizes of the evaluation, and whom its metrics come from."""
    sizes = field(study, "space", "evaluation", default={})
    primary = listed(
        f"{metric.label} ({', '.join(filter(None, (metric.unit, f'{metric.better} is better')))})" for metric in PRIMARY
    )
    said = say("The primary metrics, named beforehand, are {primary}.", primary=primary) if measured else []
    for text in (
        "Paths were decoded between {pairs} random pairs of poses, in {transitions} steps.",
        "{generated} poses were generated by each sampler, and {targets} were compared with their nearest neighbours.",
        "The critic was measured on {critic_draws} draws of α.",
    ):
        said += say(text, **{name: field(sizes, name) for name in re.findall(r"\{(\w+)\}", text)})
    for name, (text, cites) in METRICS.items():
        if name in measured:
            said += say(text, cites, **{size: field(sizes, size) for size in re.findall(r"\{(\w+)\}", text)})
    return said


def rule(margins: Mapping[str, float], arm: str) -> list[Sentence]:
    """How verdicts are reached; the page and the methods section both say it in these sentences.

    Args:
        margins: the difference that matters, by name of primary metric.
        arm: what is compared with vanilla.
    """
    return [
        Sentence(
            f"Each difference is {arm} − vanilla of one person between two runs with the same seed, fold, initial "
            "weights, batches and evaluation draws; paths lie between two poses of the person."
        ),
        Sentence(
            "The fold is the unit: a person's difference is the mean over seeds, a fold's the mean over its people, "
            "and the estimate the mean over folds with Student's t of K − 1 degrees of freedom; with a single fold "
            "people and seeds are both random (two-way analysis of variance, Satterthwaite's degrees of freedom).",
            ("satterthwaite1946",),
        ),
        Sentence(
            f"Better or worse needs an adjusted p ≤ {LEVEL:g} and a mean difference beyond the margin "
            f"({describe_margins(margins)}) and beyond the chaos floor, what a λ of {CHAOS_LAMBDA} changes, where that "
            "was measured."
        ),
        Sentence(
            f"Equivalent, no difference that matters, needs an adjusted p ≤ {LEVEL:g} of the two one-sided tests "
            "against the margin; all else is undecided.",
            ("schuirmann1987",),
        ),
        Sentence(
            f"Holm's adjustment covers all cells × the {in_words(len(PRIMARY))} primary metrics of one table, once for "
            "differences and once for equivalence.",
            ("holm1979",),
        ),
        Sentence(
            "Beside them stand the exact sign-flip test over folds and the interval over seeds on the same people, "
            "which is about training noise alone."
        ),
    ]


def comparison(analysis: Analysis) -> list[Sentence]:
    """How a regularizer and vanilla were compared, and how many comparisons there are."""
    if not analysis.families:
        return []
    said = rule(analysis.margins, analysis.arm)
    for family in analysis.families:
        said += say(
            "{title}: {tests} tests, one for each primary metric of every compared setting ({scope}).",
            title=family.group.title,
            tests=len(family.tests),
            scope=scope_of(family),
        )
    return said


def _symbol(name: object) -> str:
    return SETTING_SYMBOLS.get(str(name), plain(name))


def _range(dimension: object) -> str:
    kinds = {
        "choice": "among",
        "uniform": "uniform on",
        "log_uniform": "log-uniform on",
        "int_uniform": "uniform on the whole numbers of",
    }
    given = dimension if isinstance(dimension, Mapping) else {}
    ranges = (f"{text} {_bounds(given[kind])}" for kind, text in kinds.items() if isinstance(given.get(kind), list))
    return next(ranges, "")


def _bounds(values: list[Any]) -> str:
    return f"[{', '.join(plain(value) for value in values)}]"
