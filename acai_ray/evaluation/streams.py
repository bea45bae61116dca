"""The streams of random numbers of an evaluation."""

from enum import IntEnum


class Stream(IntEnum):
    """What a stream of random numbers of an evaluation is for; each number is part of its key and never changes."""

    TARGETS = 0
    PAIRS = 1
    AUGMENTATION = 2
    PRIOR = 3
    PATHS = 4
    REGULARIZER = 5
    HELD_OUT = 6
    PERSON = 7
    INSTANTS = 8
    NOISE = 9
    RUNG = 10
