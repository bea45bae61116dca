"""What a paper's methods section must say of a study, from its settings and tables; what they lack is not said."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.answer import field
from acai_ray.analysis.compare.controls import controls
from acai_ray.analysis.methods.networks import networks, values
from acai_ray.analysis.methods.protocol import comparison, confirmation, evaluation, search, stopping
from acai_ray.analysis.methods.sentences import Methods, Sentence, listed, plain, say
from acai_ray.analysis.wording import SPLITS, clean
from acai_ray.common.people_sentences import people_of
from acai_ray.common.skeleton import JOINTS
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.controls import CONTROLS
from acai_ray.protocol.phases import Phase

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "radam": "RAdam", "nadam": "NAdam", "rmsprop": "RMSprop", "sgd": "SGD"}
HUMAN36M = re.compile(r"h(uman)?[ _-]?3[._]?6[ _-]?m", re.IGNORECASE)


def describe(analysis: Analysis) -> Methods:
    """The methods of a study."""
    study = analysis.results.study
    runs = analysis.results.runs[analysis.results.runs["phase"] != Phase.CONTROL]
    paragraphs = {
        "Data": _data(study),
        "Networks": networks(runs),
        "Losses": _losses(study, runs),
        "Training": _training(runs),
        "Choice of settings": [*search(study, runs), *stopping(study, runs), *confirmation(study, runs)],
        "Evaluation": [*evaluation(study, set(analysis.results.metrics["metric"])), *_controls(analysis)],
        "Comparison": comparison(analysis),
        "Software and machine": _software(study, runs),
    }
    return Methods({title: said for title, said in paragraphs.items() if said})


def _data(study: object) -> list[Sentence]:
    name = field(study, "data", "name")
    options = field(study, "space", "data_options", default={})
    if field(study, "data", "synthetic") is True:
        said = say("The poses are synthetic, made by acai-ray; they are no evidence about people.")
    else:
        is_human36m = any(HUMAN36M.search(plain(field(study, "data", key))) for key in ("name", "source"))
        said = say("The poses are those of {name}.", ["ionescu2014"] if is_human36m else (), name=name)
    said += say("They have {joints} joints each, in metres.", joints=len(JOINTS)) if said else []
    counts = field(study, "data", "counts", default={})
    said += say("There are {counts} poses.", counts=_by_split(counts, lambda count: count))
    said += _subjects(field(study, "data", "subjects", default={}))
    people = people_of(field(study, "data", default={}))
    said += say(
        "Their limbs are of {n} different bodies.", n=len({facts.body for facts in people.values()}) if people else None
    )
    for key, text in (
        ("fps", "The recordings were taken at {value} poses a second."),
        ("every", "Of the frames, one in {value} was taken."),
        ("views", "Each pose is seen by {value} cameras."),
    ):
        said += say(text, value=field(study, "data", key) or field(options, key))
    return said + say("{thanks}", thanks=field(study, "data", "acknowledgment"))


def _subjects(subjects: object) -> list[Sentence]:
    if not isinstance(subjects, Mapping) or not all(isinstance(who, list) for who in subjects.values()):
        return []
    everyone = [str(person) for who in subjects.values() for person in who]
    apart = "; no subject is in two splits" if len(set(everyone)) == len(everyone) else ""
    return say(f"They come from {{subjects}} subjects{apart}.", subjects=_by_split(subjects, len))


def _by_split(values: object, count: Any) -> str:
    known = {split: values[split] for split in SPLITS if split in values} if isinstance(values, Mapping) else {}
    return listed(f"{text} {SPLITS[split]}" for split, value in known.items() if (text := plain(count(value))))


def _losses(study: object, runs: pd.DataFrame) -> list[Sentence]:
    if runs.empty:
        return []
    said = _acai_losses(runs) if runs["arm"].isin([Arm.ACAI, Arm.VANILLA]).all() else _every_loss(study, runs)
    return [
        *said,
        *say("L_rec of the mean training pose is {loss} m².", loss=field(study, "data", "mean_pose_loss_m2")),
    ]


def _every_loss(study: object, runs: pd.DataFrame) -> list[Sentence]:
    """What λ weighs in a study of several regularizers, or of another one than ACAI."""
    said = say(
        "The autoencoder minimises L_rec, the squared distance of a joint, mean over batch and joints, in m², beside "
        "the term of a regularizer with the weight λ; 0 is the vanilla autoencoder, the same for every regularizer "
        "with the same kind of codes."
    )
    parts = field(study, "regularizers", default={})
    for arm, part in parts.items() if isinstance(parts, Mapping) else ():
        own = runs[runs["arm"] == arm]
        said += say(
            "{title} ({source}): λ weighs {weighs}; it was {lam}.",
            title=field(part, "title"),
            source=field(part, "source") or "a regularizer of its own",
            weighs=field(part, "weighs"),
            lam=values(own, "lam")["lam"],
        )
    return said


def _acai_losses(runs: pd.DataFrame) -> list[Sentence]:
    return [
        *say(
            "The autoencoder minimises L_rec + λ L_adv: L_rec is the squared distance of a joint, mean over batch and "
            "joints, in m², and L_adv the mean of the critic's squared answers to decoded interpolations x̂_α.",
            ["berthelot2018", "naayem"],
        ),
        *say(
            "The critic minimises the mean squared difference of these answers and α, which is uniform on [0, 1/2], "
            "plus the mean of its squared answers to γ x + (1 − γ) x̂, of a pose x and its reconstruction x̂: "
            "γ is the share of the real pose."
        ),
        *say("λ, in m², was {lam}, where 0 is the vanilla autoencoder; γ was {gamma}.", **values(runs, "lam", "gamma")),
    ]


def _training(runs: pd.DataFrame) -> list[Sentence]:
    used = [OPTIMIZERS.get(name, clean(name)) for name in sorted(set(runs["optimizer"].dropna()))]
    rates = values(runs, "lr", "critic_lr", "schedule", "weight_decay")
    critic = f", of the critic {rates['critic_lr']}" if rates["critic_lr"] else ""
    said = say(
        f"The optimizer was {{used}} with the learning rate {{lr}}{critic}, schedule {{schedule}}, weight decay "
        "{weight_decay}.",
        ["kingma2015"] if "Adam" in used else (),
        used=listed(used, "or"),
        **{name: rates[name] for name in ("lr", "schedule", "weight_decay")},
    )
    said += say(
        "Training took {epochs_planned} epochs of {steps_per_epoch} steps with batches of {batch_size} poses, half of "
        "them reconstructed, half partners to interpolate with; the last epoch was measured, never the best one.",
        **values(runs, "epochs_planned", "steps_per_epoch", "batch_size"),
    )
    said += say(
        "Poses were rotated in the image plane by up to {rotation_deg}° and flipped with the probability "
        "{flip_probability}.",
        **values(runs, "rotation_deg", "flip_probability"),
    )
    seeds = {phase: of_phase.nunique() for phase, of_phase in runs.groupby("phase")["seed"]}
    return said + say(
        "Seeds of each setting: {seeds}.", seeds=listed(f"{n} ({clean(phase)})" for phase, n in seeds.items())
    )


def _controls(analysis: Analysis) -> list[Sentence]:
    """Which controls the study has."""
    kinds = set(controls(analysis)["control"])
    named = [control.label for control in CONTROLS if control.kind in kinds]
    return say("The same numbers are given for controls: {labels}.", labels=", ".join(named))


def _software(study: object, runs: pd.DataFrame) -> list[Sentence]:
    versions, machine = (field(study, part, default={}) for part in ("versions", "machine"))
    python = plain(field(machine, "python"))
    packages = (
        [f"{plain(name)} {plain(version)}" for name, version in versions.items()]
        if isinstance(versions, Mapping)
        else []
    )
    said = say("Software: {packages}.", packages=", ".join([*packages, *([f"Python {python}"] if python else [])]))
    said += say("Machine: {platform}, {cpus} CPUs.", platform=field(machine, "platform"), cpus=field(machine, "cpus"))
    return said + say("The networks were trained on {device} in mode {mode}.", **values(runs, "device", "mode"))
