"""What a study runs: its trials, their names, the vanilla twins, the controls and the confirmation."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from acai_ray.common.skeleton import POSE_DIM
from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.confirmation import FRESH_SEED, RECONSTRUCTION_ALLOWANCE
from acai_ray.protocol.controls import CHAOS_LAM, CONTROLS
from acai_ray.protocol.phases import Phase
from acai_ray.sweep.space import Space
from acai_ray.trials.trial import CHAOS, Trial, trial_name

IN_ORDER = sorted(CONTROLS, key=lambda control: (control.per_latent, control.trained))
"""The controls in the order in which they are planned: what takes no training comes first.

The names of the trials depend on it, so it does not change.
"""


Identity = tuple[TrialConfig, tuple[int, ...], int | None]
"""What makes a trial the twin of another: its settings with λ = 0, its seeds and its fold."""


@dataclass
class Plan:
    """The trials of a study so far, in the order of their creation; a name is given once and never changes."""

    space: Space
    trials: dict[str, Trial] = field(default_factory=dict)
    _vanilla: dict[Identity, Trial] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for trial in self.trials.values():
            self._note(trial)

    def _note(self, trial: Trial) -> None:
        """Remember the first vanilla trial with its settings and seeds, so that `twin` need not search all trials."""
        if trial.arm == Arm.VANILLA:
            self._vanilla.setdefault(_identity(trial), trial)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of all trials except those of the confirmation."""
        return tuple(range(self.space.seeds))

    def of_phase(self, phase: Phase) -> list[Trial]:
        """The trials of a phase, by number."""
        return sorted((trial for trial in self.trials.values() if trial.phase == phase), key=lambda trial: trial.number)

    def add(
        self,
        phase: Phase,
        config: TrialConfig,
        seeds: tuple[int, ...],
        number: int | None = None,
        control: str = "",
        fold: int | None = None,
    ) -> Trial:
        """Plan a trial; it takes the phase's next number unless one is given."""
        if number is None:
            number = max((trial.number for trial in self.of_phase(phase)), default=-1) + 1
        trial = Trial(trial_name(phase, number), phase, config, seeds, control, fold)
        self.trials[trial.trial_id] = trial
        self._note(trial)
        return trial

    def add_once(self, phase: Phase, config: TrialConfig, seeds: tuple[int, ...], fold: int | None = None) -> Trial:
        """The trial of this phase with these settings, seeds and fold; planned unless it is there already."""
        for trial in self.of_phase(phase):
            if trial.config == config and trial.seeds == seeds and trial.fold == fold:
                return trial
        return self.add(phase, config, seeds, fold=fold)

    def add_cells(self) -> None:
        """Plan the exact points of the space that are not planned yet, fold by fold, and the twins they lack."""
        points = list(itertools.product(fold_numbers(self.space.fold_count), self.space.cells()))
        for number, (fold, point) in enumerate(points):
            if trial_name(Phase.GRID, number) not in self.trials:
                self.add(Phase.GRID, self.space.trial_config(point), self.seeds, number, fold=fold)
        for trial in self.of_phase(Phase.GRID):
            self.add_twin(trial)

    def add_twin(self, trial: Trial) -> Trial | None:
        """The vanilla trial to compare with, planned if need be; none where `trial` is vanilla or no twin is wanted."""
        if trial.arm == Arm.VANILLA:
            return None
        twin = self.twin(trial)
        if twin is not None or not self.space.baseline:
            return twin
        return self.add(Phase.BASELINE, vanilla(trial.config), trial.seeds, fold=trial.fold)

    def twin(self, trial: Trial) -> Trial | None:
        """The planned vanilla trial with the same seeds, fold and settings other than λ and γ."""
        return self._vanilla.get(_identity(trial))

    def add_controls(self) -> list[Trial]:
        """Plan the controls that stand beside the vanilla trials of each latent size; returns the new ones."""
        if not self.space.controls:
            return []
        planned = {trial.run_id(trial.seeds[0]) for trial in self.of_phase(Phase.CONTROL)}
        wanted = [trial for base in self._first_vanilla() for trial in controls_beside(base)]
        missing = {trial.run_id(trial.seeds[0]): trial for trial in wanted}
        return [
            self.add(Phase.CONTROL, trial.config, trial.seeds, control=trial.control, fold=trial.fold)
            for name, trial in missing.items()
            if name not in planned
        ]

    def _first_vanilla(self) -> list[Trial]:
        """The first planned vanilla trial of each latent size and fold, except those of the confirmation."""
        first: dict[tuple[int, int | None], Trial] = {}
        for trial in self._vanilla.values():
            if trial.phase != Phase.CONFIRM:
                first.setdefault((trial.config.latent_dim, trial.fold), trial)
        return list(first.values())

    def add_confirmation(self, objectives: Mapping[str, Mapping[str, float]]) -> list[Trial]:
        """Plan the confirmation of the best configurations at each latent size.

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
            for fold in fold_numbers(self.space.fold_count):
                planned.append(self.add_once(Phase.CONFIRM, picked.config, seeds, fold))
                planned.append(self.add_once(Phase.CONFIRM, vanilla(picked.config), seeds, fold))
        return list(dict.fromkeys(planned))

    def picks(self, objectives: Mapping[str, Mapping[str, float]]) -> list[Trial]:
        """The best ACAI trials of the search at each latent size.

        Best is the lowest mean rank over the objectives other than reconstruction, among the trials whose
        reconstruction is at most `RECONSTRUCTION_ALLOWANCE` times their twin's.
        """
        assert self.space.confirm is not None
        candidates = [
            trial
            for trial in self.of_phase(Phase.SEARCH)
            if trial.arm == Arm.ACAI and trial.trial_id in objectives and self._reconstructs(trial, objectives)
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


def fold_numbers(folds: int | None) -> Sequence[int | None]:
    """The numbers of so many folds; none at all is one round on the people of the split."""
    return [None] if folds is None else range(folds)


def _identity(trial: Trial) -> Identity:
    return vanilla(trial.config), trial.seeds, trial.fold


def controls_beside(base: Trial) -> Iterator[Trial]:
    """The controls that stand beside a vanilla trial, without names; some only in the first fold.

    Those that live in pose space are the same beside every trial: they are kept under the latent size 51.
    """
    config = vanilla(base.config)
    for control in IN_ORDER:
        changes: dict[str, Any] = {} if control.per_latent else {"latent_dim": POSE_DIM}
        if control.kind == CHAOS:
            changes = {"lam": CHAOS_LAM}
        seeds = base.seeds if control.kind == CHAOS else (0,)
        if control.each_fold or not base.fold:
            yield Trial("", Phase.CONTROL, config.model_copy(update=changes), seeds, control.kind, base.fold)
