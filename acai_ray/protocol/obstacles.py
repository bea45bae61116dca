"""What keeps a run out of the comparison: only exact twins, trained to their end in the same way, are compared."""

from enum import StrEnum


class Obstacle(StrEnum):
    """Why a run is in no pair; the value stands in the column `obstacle` of the runs left out."""

    NOT_DONE = "not_done"
    """The run is not done."""
    NOT_ALL_EPOCHS = "not_all_epochs"
    """It was not trained for as many epochs as were planned."""
    NO_TWIN = "no_twin"
    """There is no vanilla run with its seed and settings."""
    TWIN_NOT_DONE = "twin_not_done"
    """There is one, but it is not done."""
    OTHER_LENGTH = "other_length"
    """Its twin was trained for another number of epochs or steps."""
    OTHER_WAY = "other_way"
    """Its twin was computed with other threads or in another mode, which gives other numbers from the same seed."""
    REPEATED = "repeated"
    """Another run with its seed and settings is in a pair already."""
