"""Who trains, who validates, who tests: always by subject."""

import hashlib
from collections.abc import Iterable, Mapping

from acai_ray.common.errors import UserError
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.recording import SPLITS, Split

HUMAN36M: Mapping[str, Split] = {
    "S1": "train",
    "S5": "train",
    "S6": "train",
    "S7": "train",
    "S8": "valid",
    "S9": "test",
    "S11": "test",
}
"""The report's subjects, with one of its training subjects kept for validation."""

VALID_SHARE, TEST_SHARE = 0.1, 0.2
"""Shares of the subjects where nothing else says who belongs where; at least one each."""


def assign(own: Iterable[tuple[str, Split | None]], options: LoadOptions, name: str) -> dict[str, Split]:
    """The part each subject belongs to; subjects in none are left out.

    In this order: the lists in `options`; the split the data brings; Human3.6M's subjects, where all are; shares, in an
    order that depends on the names alone. Under the protocol `report` validation subjects then train.

    Args:
        own: (subject, part) pairs as the data brings them; the part is none where it brings no split.
        options: what the user asked for.
        name: of the data, for messages.

    Raises:
        UserError: a subject in two parts, an unknown subject, too few subjects, or an empty part.
    """
    pairs = list(dict.fromkeys(own))
    subjects = sorted({subject for subject, _ in pairs})
    if options.names_subjects:
        split = _as_listed(subjects, options, name)
    elif all(part is not None for _, part in pairs):
        split = _as_brought(pairs, name)
    elif set(subjects) <= set(HUMAN36M):
        split = {subject: HUMAN36M[subject] for subject in subjects}
    else:
        split = _by_shares(subjects, name)
    if options.protocol == "report":
        split = {subject: "train" if part == "valid" else part for subject, part in split.items()}
    brought = all(part is not None for _, part in pairs) and not options.names_subjects
    _refuse_empty(split, ("train",) if brought else _needed(options), name)
    return split


def _as_listed(subjects: list[str], options: LoadOptions, name: str) -> dict[str, Split]:
    lists: dict[Split, tuple[str, ...]] = {"valid": options.valid or (), "test": options.test or ()}
    named = {*lists["valid"], *lists["test"]}
    train = tuple(subject for subject in subjects if subject not in named) if options.train is None else options.train
    pairs = [(subject, part) for part, chosen in {"train": train, **lists}.items() for subject in chosen]
    for subject, _ in pairs:
        if subject not in subjects:
            raise UserError(f"{name}: subjects must be among {_few(subjects)}, but got {subject!r}; correct the list")
    return _as_brought(pairs, name)


def _as_brought(pairs: Iterable[tuple[str, Split | None]], name: str) -> dict[str, Split]:
    split: dict[str, Split] = {}
    for subject, part in pairs:
        assert part is not None
        if split.setdefault(subject, part) != part:
            raise UserError(
                f"{name}: a subject must belong to one part, but {subject!r} is in {split[subject]} and {part}; "
                "give different people different names or move one"
            )
    return split


def _by_shares(subjects: list[str], name: str) -> dict[str, Split]:
    count = len(subjects)
    if count < 3:
        raise UserError(
            f"{name}: a split needs at least 3 subjects, but has {count}; give `subject` in the file, "
            "--subject-pattern for BVH, a folder with train.npz, valid.npz and test.npz, or --train, --valid and --test"
        )
    n_test, n_valid = max(1, round(TEST_SHARE * count)), max(1, round(VALID_SHARE * count))
    shuffled = sorted(subjects, key=lambda subject: hashlib.sha256(subject.encode()).digest())
    first_train = n_test + n_valid
    return {
        subject: "test" if place < n_test else "valid" if place < first_train else "train"
        for place, subject in enumerate(shuffled)
    }


def _needed(options: LoadOptions) -> tuple[Split, ...]:
    """The parts that somebody must be in."""
    if options.names_subjects:
        return ("train", *(part for part in SPLITS[1:] if getattr(options, part) is not None))
    return tuple(part for part in SPLITS if part != "valid" or options.protocol != "report")


def _refuse_empty(split: Mapping[str, Split], needed: Iterable[Split], name: str) -> None:
    for part in needed:
        if part not in split.values():
            raise UserError(
                f"{name}: the part {part} must hold at least one subject, but of {_few(sorted(split))} none is in it; "
                "name subjects with --train, --valid and --test"
            )


def _few(names: list[str]) -> str:
    if names in ([], [""]):
        return "nobody named"
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
