"""Which people have one body: recordings that were retargeted onto one skeleton, under the names of several people."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acai_ray.poses.checks import bone_lengths
from acai_ray.poses.natural_order import natural
from acai_ray.poses.people_checks import LIMBS
from acai_ray.poses.pose_set import PoseSet

SAME_BODY = 2e-3
"""People whose limbs all agree within this are one body, metres. Real people differ by more, see `Bodies.gap`."""


@dataclass(frozen=True)
class Bodies:
    """The bodies of some people.

    Attributes:
        of: the number of each person's body, by name; bodies are numbered in the order of their first person.
        gap: the smallest distance between people of two bodies, metres: how far their least alike limbs are apart.
            Infinite for a single body.
        closest: the two people of that distance; empty for a single body.
    """

    of: Mapping[str, int]
    gap: float
    closest: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(set(self.of.values()))

    @property
    def shared(self) -> list[tuple[str, ...]]:
        """The people of each body that several of them have, in natural order, larger groups first."""
        groups: dict[int, list[str]] = {}
        for person, body in self.of.items():
            groups.setdefault(body, []).append(person)
        return sorted(
            (tuple(sorted(group, key=natural)) for group in groups.values() if len(group) > 1),
            key=lambda group: (-len(group), group),
        )


def bodies_of(poses: PoseSet) -> Bodies:
    """Find the people who have one body, by the median lengths of their thighs, shins, upper arms and forearms.

    The left and the right limbs are compared each for itself: two people are not one because only some of their bones
    are as long.
    """
    people = poses.subjects()
    limbs = _limbs(poses, people)
    distance = np.abs(limbs[:, None] - limbs[None]).max(axis=-1)
    body = _groups(distance <= SAME_BODY)
    pairs = [(distance[a, b], a, b) for a, b in itertools.combinations(range(len(people)), 2) if body[a] != body[b]]
    gap, *closest = min(pairs, default=(float("inf"),))
    return Bodies(dict(zip(people, body, strict=True)), float(gap), tuple(people[int(place)] for place in closest))


def _limbs(poses: PoseSet, people: tuple[str, ...]) -> NDArray[np.float64]:
    """`(people, 8)`, the median length of each limb in metres."""
    subject = poses.index["subject"].cat.set_categories(people).cat.codes.to_numpy()
    lengths = bone_lengths(poses.poses)[:, LIMBS]
    return np.array([np.median(lengths[subject == place], axis=0) for place in range(len(people))], dtype=np.float64)


def _groups(together: NDArray[np.bool_]) -> list[int]:
    """The number of each person's group; who is together with a third person is in one group."""
    number = list(range(len(together)))
    for a, b in np.argwhere(np.triu(together, 1)).tolist():
        old, new = max(number[a], number[b]), min(number[a], number[b])
        number = [new if group == old else group for group in number]
    order = {group: place for place, group in enumerate(dict.fromkeys(number))}
    return [order[group] for group in number]
