"""Sentences on people and bodies, made of what `study.json` says of them; told by the terminal and by the page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple


class PersonFacts(NamedTuple):
    """What is known of a person: the split, the number of the body, and the poses before views."""

    split: str
    body: int
    poses: int


class FoldFacts(NamedTuple):
    """What is known of a fold: its number from 1, who is tested and who stays out, and the poses of the tested."""

    number: int
    tested: tuple[str, ...]
    left_out: tuple[str, ...]
    poses: int


def people_of(data: object) -> dict[str, PersonFacts]:
    """The people of a study by name, as far as it tells their bodies and poses: a stranger's may hold anything.

    Args:
        data: what `study.json` holds under `data`.
    """
    people = data.get("people") if isinstance(data, Mapping) else None
    return {
        str(name): PersonFacts(str(found.get("split", "")), found["body"], found["poses"])
        for name, found in (people.items() if isinstance(people, Mapping) else ())
        if isinstance(found, Mapping) and isinstance(found.get("body"), int) and isinstance(found.get("poses"), int)
    }


def folds_of(data: object) -> list[FoldFacts]:
    """The folds of a study, as far as it tells them.

    Args:
        data: what `study.json` holds under `data`.
    """
    folds = data.get("folds") if isinstance(data, Mapping) else None
    return [
        FoldFacts(number, tuple(map(str, fold["tested"])), tuple(map(str, fold["left_out"])), fold["poses"])
        for number, fold in enumerate(folds if isinstance(folds, list) else [], start=1)
        if isinstance(fold, Mapping)
        and all(isinstance(fold.get(who), list) for who in ("tested", "left_out"))
        and isinstance(fold.get("poses"), int)
    ]


def shared_bodies(people: Mapping[str, PersonFacts]) -> list[list[str]]:
    """The people of each body that several have."""
    groups: dict[int, list[str]] = {}
    for name, facts in people.items():
        groups.setdefault(facts.body, []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def torn_bodies(data: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each body whose people are tested by models that were trained on others of them.

    Folds keep a body together, so nothing is said where there are some.
    """
    people = people_of(data)
    for group in [] if folds_of(data) else shared_bodies(people):
        parts = {split: [name for name in group if people[name].split == split] for split in ("train", "valid", "test")}
        present = {split: names for split, names in parts.items() if names}
        if len(present) > 1:
            where = "; ".join(f"{split} {', '.join(names)}" for split, names in present.items())
            yield (
                f"one body is in several parts of the split under the names of {len(group)} people ({where}), so these "
                "people are not tested on a body that is new to the model; folds keep a body together"
            )


def too_few_poses(people: Mapping[str, PersonFacts], least: int, splits: Sequence[str]) -> Iterator[str]:
    """A sentence that names the people of some parts who are not tested."""
    few = [name for name, facts in people.items() if facts.split in splits and facts.poses < least]
    if few:
        yield (
            f"{len(few)} of {len(people)} people are not tested, because they have fewer than {least} poses: "
            f"{', '.join(few)}"
        )


def dominant_fold(data: Mapping[str, Any]) -> Iterator[str]:
    """A sentence on a fold that has more than a third of all tested poses, because one body has."""
    folds = folds_of(data)
    total = sum(fold.poses for fold in folds)
    for fold in folds:
        if 3 * fold.poses > total:
            people = "one person" if len(fold.tested) == 1 else f"{len(fold.tested)} people"
            yield (
                f"fold {fold.number} holds {fold.poses / total:.0%} of the tested poses, of {people}, since a body is "
                "never divided; its models learn from the rest"
            )
