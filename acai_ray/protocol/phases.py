"""The phases of a study: what each trial is run for."""

from enum import StrEnum


class Phase(StrEnum):
    """What a trial is run for; the value stands in the column `phase` of the table `runs`."""

    SEARCH = "search"
    """Optuna suggested its settings."""
    GRID = "grid"
    """Its settings were named before the study ran."""
    BASELINE = "baseline"
    """The vanilla twin of trials of the search or the grid."""
    CONFIRM = "confirm"
    """What the search picked, and its twin, again on seeds that chose nothing."""
    CONTROL = "control"
    """What the metrics give without ACAI; see `protocol.controls`."""
    SINGLE = "single"
    """One experiment of `acai_ray.train`, without a twin."""

    @property
    def prefix(self) -> str:
        """The letter that the names of its trials begin with."""
        return _PREFIXES[self]


_PREFIXES = {
    Phase.SEARCH: "s",
    Phase.GRID: "g",
    Phase.BASELINE: "b",
    Phase.CONFIRM: "c",
    Phase.CONTROL: "x",
    Phase.SINGLE: "e",
}
