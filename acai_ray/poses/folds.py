"""Folds: groups of people, each tested by models that never saw any of its people, nor anybody with their bodies."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from acai_ray.common.errors import UserError
from acai_ray.poses.bodies import Bodies
from acai_ray.poses.natural_order import natural
from acai_ray.poses.people import pose_counts, rows_by_person
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.splits import SPLITS, Split

FEWEST, USUAL = 5, 12
"""The fewest folds that a verdict may rest on, and how many there are unless the data has fewer bodies."""


@dataclass(frozen=True)
class Fold:
    """One fold of a study; whoever is not named here is trained on.

    Attributes:
        number: from 0.
        tested: the people who are tested, in natural order.
        left_out: people who share a body with one of them and have too few poses: they neither train nor are tested.
        poses: how many poses those who are tested have, before views.
    """

    number: int
    tested: tuple[str, ...]
    left_out: tuple[str, ...]
    poses: int

    def as_dict(self) -> dict[str, Any]:
        """As `study.json` holds it."""
        return {"tested": list(self.tested), "left_out": list(self.left_out), "poses": self.poses}

    @classmethod
    def of_dict(cls, number: int, content: Mapping[str, Any]) -> "Fold":
        """From the form of `as_dict`."""
        return cls(number, tuple(content["tested"]), tuple(content["left_out"]), int(content["poses"]))


def divide(
    poses: PoseSet, bodies: Bodies, count: int | None, *, least: int, seed: int, apart: Collection[str] = ()
) -> tuple[Fold, ...]:
    """Divide people into folds of about as many poses, as far as bodies allow: a body is in one fold.

    The largest body goes first, each to the fold that has fewest poses; `seed` decides between bodies of one size. A
    body that has more poses than a fold should have is a fold by itself.

    Args:
        poses: the data.
        bodies: of its people.
        count: how many folds; none for `USUAL`, or as many as there are bodies that can be tested.
        least: how many poses a person needs to be tested, before views.
        seed: of the division.
        apart: people who are in no fold, tested nor trained on: those that a search has chosen by.

    Raises:
        UserError: there are fewer bodies that can be tested than folds.
    """
    counts = {who: n for who, n in pose_counts(poses).items() if who not in apart}
    groups = _by_body(counts, bodies)
    able = {body: [who for who in group if counts[who] >= least] for body, group in groups.items()}
    sizes = {body: sum(counts[who] for who in people) for body, people in able.items() if people}
    wanted = min(USUAL, len(sizes)) if count is None else count
    if not FEWEST <= wanted <= len(sizes):
        raise UserError(_refusal(poses.name, wanted, len(sizes), least))
    parts: list[list[int]] = [[] for _ in range(wanted)]
    for body in sorted(sizes, key=lambda body: (-sizes[body], _draw(seed, groups[body]))):
        min(parts, key=lambda part: sum(sizes[other] for other in part)).append(body)
    return tuple(
        Fold(
            number,
            tuple(sorted((who for body in part for who in able[body]), key=natural)),
            tuple(sorted((w for body in part for w in groups[body] if w not in able[body]), key=natural)),
            sum(sizes[body] for body in part),
        )
        for number, part in enumerate(parts)
    )


def _by_body(people: Mapping[str, int], bodies: Bodies) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = {}
    for who in sorted(people, key=natural):
        groups.setdefault(bodies.of[who], []).append(who)
    return groups


def _draw(seed: int, people: Sequence[str]) -> bytes:
    """A number that stands for a body, the same wherever it is in the data."""
    return hashlib.sha256(f"{seed} {people[0]}".encode()).digest()


def _refusal(name: str, wanted: int, possible: int, least: int) -> str:
    rule = f"folds must be at least {FEWEST} and at most the bodies that can be tested"
    have = f"{name} has {possible} bodies with {least} poses or more"
    if possible < FEWEST:
        more = "give more people, or take a space without folds and with several seeds"
        return f"{rule}, but {have}; {more}, which tests the people of the split"
    return f"{rule}, but {wanted} are wanted and {have}; give {FEWEST} to {possible}"


def fold_set(poses: PoseSet, fold: Fold, apart: Collection[str] = ()) -> PoseSet:
    """The data as one fold sees it: its people are the test split, all others the training split.

    Args:
        poses: the data.
        fold: one of `divide`.
        apart: who is in no fold; they are the validation split.
    """
    part: dict[str, Split] = {**dict.fromkeys(fold.tested, "test"), **dict.fromkeys(apart, "valid")}
    rows: dict[Split, list[np.ndarray[Any, Any]]] = {split: [] for split in SPLITS}
    for who, own in rows_by_person(poses).items():
        if who not in fold.left_out:
            rows[part.get(who, "train")].append(own)
    taken = {split: np.sort(np.concatenate(own)) for split, own in rows.items() if own}
    places = np.concatenate(list(taken.values()))
    names = np.repeat(list(taken), [len(own) for own in taken.values()])
    index = poses.index.iloc[places].reset_index(drop=True)
    index = index.assign(split=pd.Categorical(names, categories=list(SPLITS)))
    return replace(poses, poses=poses.poses[places], index=index)
