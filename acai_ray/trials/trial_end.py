"""How a trial ended: what became of each member, and what its measurement gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from acai_ray.common.frames import Row
from acai_ray.protocol.statuses import RunStatus
from acai_ray.trials.trial import Trial


@dataclass(frozen=True)
class Where:
    """What a trial ran on; the fields are columns of `runs`."""

    device: str = ""
    node: str = ""
    threads: int = 0
    mode: str = ""


@dataclass(frozen=True)
class MemberEnd:
    """How one member ended."""

    status: RunStatus
    reason: str = ""
    epochs: int = 0


@dataclass(frozen=True)
class TrialEnd:
    """How a trial ended: one entry a member, and the rows its evaluation gave (with `run_id`)."""

    members: Sequence[MemberEnd]
    wall_s: float = 0.0
    where: Where = field(default_factory=Where)
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    @property
    def all_done(self) -> bool:
        """Whether every member was trained and measured."""
        return all(member.status == RunStatus.DONE for member in self.members)

    @classmethod
    def failed(cls, trial: Trial, reason: str) -> "TrialEnd":
        """The end of a trial that raised an exception."""
        return cls([MemberEnd(RunStatus.FAILED, reason)] * len(trial.seeds))
