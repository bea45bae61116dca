"""Which people train, validate and test: every subject belongs to one part."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, get_args

from acai_ray.common.errors import RuleError
from acai_ray.poses.options import LoadOptions

Split: TypeAlias = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

HUMAN36M: Mapping[str, Split] = {
    "S1": "train",
    "S5": "train",
    "S6": "train",
    "S7": "train",
    "S8": "valid",
    "S9": "test",
    "S11": "test",
}
"""The parts of Human3.6M's subjects: those of the report, with one of its training subjects kept for validation."""

FEWEST = 3
"""People of whom one each can train, validate and test."""
VALID_SHARE, TEST_SHARE = 0.1, 0.2
"""Shares of the subjects where nothing else says which part they belong to; each part gets at least one."""


def assign(own: Iterable[tuple[str, Split | None]], options: LoadOptions, name: str) -> dict[str, Split]:
    """The part of each subject; subjects that belong to none are left out.

    The first of these that applies decides: the lists in `options`; the split that the data brings; `HUMAN36M`, where
    all subjects are in it; shares of the subjects, in an order that depends on their names alone. With the protocol
    `report`, validation subjects become training subjects afterwards.

    Args:
        own: (subject, part) pairs as the data brings them; the part is None where it brings no split.
        options: what the user asked for.
        name: what the data is called, for messages.

    Raises:
        RuleError: a subject is in two parts or unknown, there are too few subjects, or a part is empty.
    """
    pairs = list(dict.fromkeys(own))
    subjects = sorted({subject for subject, _ in pairs})
    brought = all(part is not None for _, part in pairs) and not options.names_subjects
    if options.names_subjects:
        split = _as_listed(subjects, options, name)
    elif brought:
        split = _as_brought(pairs, name)
    elif set(subjects) <= set(HUMAN36M):
        split = {subject: HUMAN36M[subject] for subject in subjects}
    else:
        split = _by_shares(subjects, name)
    if options.protocol == "report":
        split = {subject: "train" if part == "valid" else part for subject, part in split.items()}
    _refuse_empty(split, ("train",) if brought else _needed(options), name)
    return split


def _as_listed(subjects: list[str], options: LoadOptions, name: str) -> dict[str, Split]:
    lists: dict[Split, tuple[str, ...]] = {"valid": options.valid or (), "test": options.test or ()}
    named = {*lists["valid"], *lists["test"]}
    train = tuple(subject for subject in subjects if subject not in named) if options.train is None else options.train
    pairs = [(subject, part) for part, chosen in {"train": train, **lists}.items() for subject in chosen]
    for subject, _ in pairs:
        if subject not in subjects:
            raise RuleError(
                name,
                rule=f"subjects must be among {_few(subjects)}",
                value=f"got {subject!r}",
                remedy="correct the list",
            )
    return _as_brought(pairs, name)


def _as_brought(pairs: Iterable[tuple[str, Split | None]], name: str) -> dict[str, Split]:
    split: dict[str, Split] = {}
    for subject, part in pairs:
        assert part is not None
        if split.setdefault(subject, part) != part:
            raise RuleError(
                name,
                rule="a subject must belong to one part",
                value=f"{subject!r} is in {split[subject]} and {part}",
                remedy="give different people different names or move one",
            )
    return split


def _by_shares(subjects: list[str], name: str) -> dict[str, Split]:
    count = len(subjects)
    if count < FEWEST:
        raise RuleError(
            name,
            rule=f"a split needs at least {FEWEST} subjects",
            value=f"has {count}, {_few(subjects)}",
            remedy="give `subject` in the file, --subject-pattern for a folder of files, a folder with train.npz, "
            f"valid.npz and test.npz; or, to train on these people alone, --train {','.join(subjects)}",
        )
    n_test, n_valid = max(1, round(TEST_SHARE * count)), max(1, round(VALID_SHARE * count))
    shuffled = sorted(subjects, key=lambda subject: hashlib.sha256(subject.encode()).digest())
    first_train = n_test + n_valid
    return {
        subject: "test" if place < n_test else "valid" if place < first_train else "train"
        for place, subject in enumerate(shuffled)
    }


def _needed(options: LoadOptions) -> tuple[Split, ...]:
    """The parts that must hold at least one subject."""
    if options.names_subjects:
        return ("train", *(part for part in SPLITS[1:] if getattr(options, part) is not None))
    return tuple(part for part in SPLITS if part != "valid" or options.protocol != "report")


def _refuse_empty(split: Mapping[str, Split], needed: Iterable[Split], name: str) -> None:
    for part in needed:
        if part not in split.values():
            raise RuleError(
                name,
                rule=f"the part {part} must hold at least one subject",
                value=f"of {_few(sorted(split))} none is in it",
                remedy="name subjects with --train, --valid and --test",
            )


def _few(names: list[str]) -> str:
    if names in ([], [""]):
        return "nobody named"
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
