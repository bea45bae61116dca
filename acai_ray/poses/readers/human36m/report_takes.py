"""The three outer levels of the report's pickles: subject, scenario, sequence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.readers.human36m import folder
from acai_ray.poses.readers.human36m.conventions import BROKEN
from acai_ray.poses.untrusted.pickles import described

LONGEST_NAME = 80
LAST_FRAME = 2**31 - 1


@dataclass(frozen=True, order=True)
class Take:
    """One sequence of a subject; its key is its name, such as `Directions 1`, or its number within the scenario."""

    subject: str
    scenario: str
    key: str

    @property
    def sequence(self) -> str:
        """The name of the sequence, which begins with that of the scenario."""
        return self.key if self.key.startswith(self.scenario) else f"{self.scenario} {self.key}"

    @property
    def broken(self) -> bool:
        """Whether to leave it out, because its recording is broken.

        Where sequences have only numbers it is not known which one is broken, so all of that scenario are left out.
        """
        return (self.subject, self.key if self.key.startswith(self.scenario) else self.scenario) in BROKEN

    def __str__(self) -> str:
        return f"{self.subject} {self.sequence}"


def by_take(content: Any, origin: str) -> dict[Take, Any]:
    """What lies under each subject, scenario and sequence.

    Raises:
        UserError: there are fewer than three levels of dicts, a key is no name, or two keys mean the same sequence.
    """
    inner_of: dict[Take, Any] = {}
    for subject_key, scenarios in _items(content, origin):
        subject = subject_of(subject_key)
        if subject is None:
            raise UserError(
                f"{origin}: subjects must be called S1, S5 and so on, but one is {subject_key!r}; rename it"
            )
        for scenario, sequences in _items(scenarios, f"{origin}, {subject}"):
            for key, inner in _items(sequences, f"{origin}, {subject} {scenario}"):
                take = Take(subject, scenario, key)
                if take in inner_of:
                    raise UserError(f"{origin}: a sequence must be there once, but {take} is twice; remove one")
                inner_of[take] = inner
    return inner_of


def subject_of(key: str | int) -> str | None:
    """`S1` for the keys `S1`, `s_01`, `1` and the number 1; None for other keys."""
    text = str(key) if isinstance(key, str) or 0 < key <= LAST_FRAME else ""
    return folder.subject_of(f"S{text}" if text.isdecimal() else text)


def frame_numbers(values: Any, origin: str) -> NDArray[np.int64]:
    """Frame numbers as a sorted array that holds each number once.

    Args:
        values: an array, or a container of numbers.
        origin: the file and the place in it, for messages.

    Raises:
        UserError: they are not whole numbers from 0.
    """
    if isinstance(values, np.ndarray) and values.ndim == 1 and (values.dtype.kind in "iu" or values.size == 0):
        numbers = values
    elif isinstance(values, dict | list | tuple | set | frozenset) and {type(value) for value in values} <= {int}:
        numbers = np.array([min(max(value, -1), LAST_FRAME + 1) for value in values], dtype=np.int64)
    else:
        numbers = np.array([-1])
    if not (numbers.min(initial=0) >= 0 and numbers.max(initial=0) <= LAST_FRAME):
        raise UserError(
            f"{origin}: frames must be whole numbers from 0 to {LAST_FRAME}, but some are not; renumber them"
        )
    return np.unique(numbers).astype(np.int64)


def _items(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or not value:
        raise UserError(
            f"{place}: it must map subject, scenario, sequence and frame to a pose, but is {described(value)}; export "
            "it again"
        )
    for key, inner in value.items():
        name = str(key) if isinstance(key, str) or (type(key) is int and abs(key) <= LAST_FRAME) else ""
        if not (name.isprintable() and 0 < len(name) <= LONGEST_NAME):
            raise UserError(f"{place}: names must be printable, but one is a {type(key).__name__}; rename it")
        yield name, inner
