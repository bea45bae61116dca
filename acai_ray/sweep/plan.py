"""What a study runs: its trials, their names, the vanilla twins and the confirmation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from acai_ray.common.trial_config import TrialConfig
from acai_ray.sweep.space import FRESH_SEED, Space
from acai_ray.trials.trial import CHAOS, SHRUNK, Trial

RECONSTRUCTION_ALLOWANCE = 1.10
"""A configuration is confirmed only if its reconstruction error is at most this multiple of its vanilla twin's."""

PREFIX = {"search": "s", "grid": "g", "baseline": "b", "confirm": "c", "control": "x", "single": "e"}

CHAOS_LAM = 1e-6
"""A twin of vanilla with so little λ that what differs is chaos: smaller differences are not effects."""

POSE_SPACE_CONTROLS = ("real", "mean", "linear")
LATENT_CONTROLS = ("pca", "untrained", SHRUNK)
"""Controls of one run: those that are the same for all latent sizes, and those that stand beside one."""

POSE_DIMENSIONS = 51
"""The latent size under which controls of the pose space itself are kept."""


@dataclass
class Plan:
    """The trials of a study so far, in the order of their creation; names are given once and never change."""

    space: Space
    trials: dict[str, Trial] = field(default_factory=dict)
    _vanilla: dict[tuple[TrialConfig, tuple[int, ...]], Trial] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for trial in self.trials.values():
            self._note(trial)

    def _note(self, trial: Trial) -> None:
        """Keep the first vanilla trial of its kind where `twin` finds it without a look at all others."""
        if trial.arm == "vanilla":
            self._vanilla.setdefault((vanilla(trial.config), trial.seeds), trial)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of all trials but the confirmation's."""
        return tuple(range(self.space.seeds))

    def of_phase(self, phase: str) -> list[Trial]:
        """The trials of a phase, by number."""
        return sorted((trial for trial in self.trials.values() if trial.phase == phase), key=lambda trial: trial.number)

    def add(
        self, phase: str, config: TrialConfig, seeds: tuple[int, ...], number: int | None = None, control: str = ""
    ) -> Trial:
        """Plan a trial; it takes the phase's next number unless one is given."""
        if number is None:
            number = max((trial.number for trial in self.of_phase(phase)), default=-1) + 1
        trial = Trial(f"{PREFIX[phase]}{number:05d}", phase, config, seeds, control)
        self.trials[trial.trial_id] = trial
        self._note(trial)
        return trial

    def add_once(self, phase: str, config: TrialConfig, seeds: tuple[int, ...]) -> Trial:
        """The trial of this phase with these settings and seeds; planned unless it is there already."""
        for trial in self.of_phase(phase):
            if trial.config == config and trial.seeds == seeds:
                return trial
        return self.add(phase, config, seeds)

    def add_cells(self) -> None:
        """Plan the exact points of the space, those that are not planned yet, and the twins they lack."""
        for number, point in enumerate(self.space.cells()):
            if f"{PREFIX['grid']}{number:05d}" not in self.trials:
                self.add("grid", self.space.trial_config(point), self.seeds, number)
        for trial in self.of_phase("grid"):
            self.add_twin(trial)

    def add_twin(self, trial: Trial) -> Trial | None:
        """The vanilla trial to compare with, planned if need be; none where `trial` is vanilla or no twin is wanted."""
        if trial.config.arm == "vanilla":
            return None
        twin = self.twin(trial)
        if twin is not None or not self.space.baseline:
            return twin
        return self.add("baseline", vanilla(trial.config), trial.seeds)

    def twin(self, trial: Trial) -> Trial | None:
        """The planned vanilla trial with the same seeds and settings, λ and γ apart."""
        return self._vanilla.get((vanilla(trial.config), trial.seeds))

    def add_controls(self) -> list[Trial]:
        """Plan the controls that stand beside the vanilla trials of each latent size; those that were not planned."""
        if not self.space.controls:
            return []
        planned = {trial.run_id(trial.seeds[0]) for trial in self.of_phase("control")}
        wanted = [trial for base in self._first_vanilla() for trial in self._controls_beside(base)]
        missing = {trial.run_id(trial.seeds[0]): trial for trial in wanted}
        return [
            self.add("control", trial.config, trial.seeds, control=trial.control)
            for name, trial in missing.items()
            if name not in planned
        ]

    def _first_vanilla(self) -> list[Trial]:
        """The first planned vanilla trial of each latent size, the confirmation's apart."""
        found: dict[int, Trial] = {}
        for trial in self._vanilla.values():
            if trial.phase != "confirm":
                found.setdefault(trial.config.latent_dim, trial)
        return list(found.values())

    def _controls_beside(self, base: Trial) -> Iterator[Trial]:
        config = vanilla(base.config)
        for control in POSE_SPACE_CONTROLS:
            yield Trial("", "control", config.model_copy(update={"latent_dim": POSE_DIMENSIONS}), (0,), control)
        for control in LATENT_CONTROLS:
            yield Trial("", "control", config, (0,), control)
        yield Trial("", "control", config.model_copy(update={"lam": CHAOS_LAM}), base.seeds, CHAOS)

    def add_confirmation(self, objectives: Mapping[str, Mapping[str, float]]) -> list[Trial]:
        """Plan the confirmation of the best configuration found at each latent size.

        Args:
            objectives: trial id → objective → value, for the trials that finished.

        Returns:
            The configurations' trials, each followed by its twin; empty where the space asks for none.
        """
        if self.space.confirm is None:
            return []
        seeds = tuple(range(FRESH_SEED, FRESH_SEED + self.space.confirm.seeds))
        planned = []
        for picked in self.picks(objectives):
            planned.append(self.add_once("confirm", picked.config, seeds))
            planned.append(self.add_once("confirm", vanilla(picked.config), seeds))
        return list(dict.fromkeys(planned))

    def picks(self, objectives: Mapping[str, Mapping[str, float]]) -> list[Trial]:
        """The best ACAI trials of the search at each latent size.

        Best is the lowest mean rank over the objectives other than reconstruction, among the trials whose
        reconstruction is at most `RECONSTRUCTION_ALLOWANCE` times their twin's.
        """
        assert self.space.confirm is not None
        candidates = [
            trial
            for trial in self.of_phase("search")
            if trial.config.arm == "acai" and trial.trial_id in objectives and self._reconstructs(trial, objectives)
        ]
        picked = []
        for latent_dim in sorted({trial.config.latent_dim for trial in candidates}):
            group = [trial for trial in candidates if trial.config.latent_dim == latent_dim]
            distinct: dict[TrialConfig, Trial] = {}
            for trial in self._by_rank(group, objectives):
                distinct.setdefault(trial.config, trial)
            picked += list(distinct.values())[: self.space.confirm.per_latent]
        return picked

    def _reconstructs(self, trial: Trial, objectives: Mapping[str, Mapping[str, float]]) -> bool:
        twin = self.twin(trial)
        names = [name for name in self.space.objectives if name.startswith("reconstruction_")]
        if twin is None or not names:
            return True
        if twin.trial_id not in objectives:
            return False
        mine, others = objectives[trial.trial_id], objectives[twin.trial_id]
        return all(mine[name] <= RECONSTRUCTION_ALLOWANCE * others[name] for name in names)

    def _by_rank(self, trials: Sequence[Trial], objectives: Mapping[str, Mapping[str, float]]) -> list[Trial]:
        ranked = [name for name in self.space.objectives if not name.startswith("reconstruction_")]
        ranked = ranked or list(self.space.objectives)
        table = pd.DataFrame([objectives[trial.trial_id] for trial in trials])[ranked]
        signs = [1 if self.space.objectives[name] == "min" else -1 for name in ranked]
        mean_rank = (table * signs).rank().mean(axis=1)
        return [trials[position] for position in mean_rank.sort_values(kind="stable").index]


def vanilla(config: TrialConfig) -> TrialConfig:
    """The same settings with λ = 0 and the default γ, which then only shapes what the idle critic learns."""
    return config.model_copy(update={"lam": 0.0, "gamma": TrialConfig.model_fields["gamma"].default})
