"""What a search space says of stopping: after which epochs trials are compared, and what share of them goes on."""

from typing import Annotated, Any

from pydantic import Field, field_validator

from acai_ray.common.settings import Settings


class Stop(Settings):
    """A trial of a search is stopped after one of these epochs if too many others were ahead of it there.

    Attributes:
        at: the epochs of the rungs, ascending.
        keep: a trial goes on while the share of the trials compared that are ahead of it is below this.
    """

    at: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)]
    keep: float

    @field_validator("at")
    @classmethod
    def _ascending(cls, at: list[int]) -> list[int]:
        if sorted(set(at)) != at:
            raise ValueError(f"the epochs of the rungs must ascend, but got {at}; write {sorted(set(at))}")
        return at

    @field_validator("keep")
    @classmethod
    def _some_and_not_all(cls, keep: float) -> float:
        if not 0 < keep < 1:
            raise ValueError(
                f"keep is the share of trials that go on, above 0 and below 1, but got {keep:g}; write 0.5, or remove "
                "stop to stop none"
            )
        return keep


def refuse_unfit_stop(stop: Stop, *, searched: bool, epochs: Any) -> None:
    """Refuse rungs where there is no search, or that no trial reaches before its last epoch.

    Raises:
        ValueError: one of these.
    """
    if not searched:
        raise ValueError(
            "stop ends hopeless trials of a search, but this space has a fixed list of trials; remove stop"
        )
    if isinstance(epochs, int) and stop.at[-1] >= epochs:
        raise ValueError(
            f"a rung comes before the last epoch of a trial, {epochs}, but stop has one at {stop.at[-1]}; lower or "
            "remove it"
        )
