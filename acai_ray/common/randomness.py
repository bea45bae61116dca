"""Random streams that belong to (seed, purpose, epoch), so that no draw depends on what was drawn before."""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is for; each number is part of the stream's key and never changes."""

    AUTOENCODER_WEIGHTS = 0
    OWN_WEIGHTS = 1
    BATCHES = 2
    DROPOUT = 3
    EVALUATION = 4
    SEARCH = 5
    SEARCH_START = 6


def generator(seed: int, purpose: Purpose, *numbers: int) -> np.random.Generator:
    """The generator of one stream; `numbers` (an epoch, a trial) tell streams of one purpose apart."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, int(purpose), *numbers])))
