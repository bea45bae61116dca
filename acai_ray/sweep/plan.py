"""What a study runs: its trials, their names, the vanilla twins, the controls and the confirmation."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from acai_ray.common.skeleton import POSE_DIM
from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.confirmation import FRESH_SEED, Pick, joined
from acai_ray.protocol.controls import CHAOS_LAM, CONTROLS
from acai_ray.protocol.phases import Phase
from acai_ray.sweep.distinct import as_trained, every_setting, how_many
from acai_ray.sweep.picks import Candidate, pick
from acai_ray.sweep.space import Space
from acai_ray.sweep.start import regularizer_dealt
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
    _tried: dict[TrialConfig, Trial] = field(default_factory=dict, init=False, repr=False)
    _next: dict[Phase, int] = field(default_factory=dict, init=False, repr=False)
    _untried: dict[str, set[TrialConfig] | None] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._untried = every_setting(self.space)
        for trial in self.trials.values():
            self._note(trial)

    def _note(self, trial: Trial) -> None:
        """Remember the first trial with its settings and seeds, so that `twin` and `tried` need not search them all.

        The next number of its phase is remembered for the same reason.
        """
        self._next[trial.phase] = max(self._next.get(trial.phase, 0), trial.number + 1)
        if trial.arm == Arm.VANILLA:
            self._vanilla.setdefault(_identity(trial), trial)
        if trial.phase in (Phase.SEARCH, Phase.BASELINE):
            self._tried.setdefault(as_trained(trial.config), trial)
            for settings in self._untried.values():
                if settings is not None:
                    settings.discard(as_trained(trial.config))

    def tried(self, config: TrialConfig) -> Trial | None:
        """The planned trial that trains the same autoencoder as a search trial with these settings would."""
        return self._tried.get(as_trained(config))

    @property
    def untried(self) -> int | None:
        """How many settings the search could still try; none where they cannot run out."""
        return how_many(self._untried)

    def next_regularizer(self, number: int) -> str:
        """The regularizer of a trial of the search: the one whose turn it is, or the next that has settings left."""
        order = self.space.regularizers
        first = order.index(regularizer_dealt(self.space, number))
        in_turn = [*order[first:], *order[:first]]
        return next((name for name in in_turn if self._untried.get(name) != set()), in_turn[0])

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
        pick: str = "",
    ) -> Trial:
        """Plan a trial; it takes the phase's next number unless one is given."""
        if number is None:
            number = self._next.get(phase, 0)
        trial = Trial(trial_name(phase, number), phase, config, seeds, control, fold, pick)
        self.trials[trial.trial_id] = trial
        self._note(trial)
        return trial

    def add_once(
        self, phase: Phase, config: TrialConfig, seeds: tuple[int, ...], fold: int | None = None, pick: str = ""
    ) -> Trial:
        """The trial of this phase with these settings, seeds and fold; planned unless it is there already."""
        for trial in self.of_phase(phase):
            if trial.config == config and trial.seeds == seeds and trial.fold == fold:
                return trial
        return self.add(phase, config, seeds, fold=fold, pick=pick)

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
        """The planned vanilla trial with the same seeds, fold and settings, except those of the regularizer."""
        return self._vanilla.get(_identity(trial))

    def add_controls(self) -> list[Trial]:
        """Plan the controls that stand beside the vanilla trials; returns the new ones.

        Each stands once beside a latent size and fold, the chaos control once beside each kind of codes there.
        """
        if not self.space.controls:
            return []
        planned = {trial.run_id(trial.seeds[0]) for trial in self.of_phase(Phase.CONTROL)}
        wanted = [trial for base in self._first_vanilla() for trial in controls_beside(base)]
        missing: dict[str, Trial] = {}
        for trial in wanted:
            missing.setdefault(trial.run_id(trial.seeds[0]), trial)
        return [
            self.add(Phase.CONTROL, trial.config, trial.seeds, control=trial.control, fold=trial.fold)
            for name, trial in missing.items()
            if name not in planned
        ]

    def _first_vanilla(self) -> list[Trial]:
        """The first planned vanilla trial of each latent size, kind of codes and fold, but for the confirmation's."""
        first: dict[tuple[int, str, int | None], Trial] = {}
        for trial in self._vanilla.values():
            if trial.phase != Phase.CONFIRM:
                first.setdefault((trial.config.latent_dim, trial.config.codes, trial.fold), trial)
        return list(first.values())

    def add_confirmation(self, known: Mapping[str, Mapping[str, float]]) -> list[Trial]:
        """Plan the confirmation of what is picked of each regularizer at each latent size.

        Args:
            known: trial id → metric → value on validation people, for the trials that finished.

        Returns:
            The picks' trials, each followed by its twin; empty where the space asks for none.
        """
        if self.space.confirm is None:
            return []
        seeds = tuple(range(FRESH_SEED, FRESH_SEED + self.space.confirm.seeds))
        planned = []
        for fold, (picked, names) in itertools.product(fold_numbers(self.space.fold_count), self.picks(known).items()):
            config = self.trials[picked].config
            planned.append(self.add_once(Phase.CONFIRM, config, seeds, fold, joined(names)))
            planned.append(self.add_once(Phase.CONFIRM, vanilla(config), seeds, fold))
        return list(dict.fromkeys(planned))

    def picks(self, known: Mapping[str, Mapping[str, float]]) -> dict[str, tuple[Pick, ...]]:
        """The names of the picked trials of the search, by regularizer and latent size, with the picks that each is."""
        assert self.space.confirm is not None
        groups: dict[tuple[int, int], list[Candidate]] = {}
        for trial in self.of_phase(Phase.SEARCH):
            twin = self.twin(trial)
            if not trial.regularized or trial.trial_id not in known or (twin and twin.trial_id not in known):
                continue
            candidate = Candidate(trial.trial_id, known[trial.trial_id], known[twin.trial_id] if twin else None)
            place = self.space.regularizers.index(trial.config.regularizer)
            groups.setdefault((place, trial.config.latent_dim), []).append(candidate)
        found: dict[str, tuple[Pick, ...]] = {}
        for _, candidates in sorted(groups.items()):
            found |= pick(candidates, self.space.confirm.picks, self.space.objectives)
        return found


def vanilla(config: TrialConfig) -> TrialConfig:
    """The same settings with λ = 0; only ACAI's critic looks on, which changes nothing in the autoencoder."""
    return as_trained(config.model_copy(update={"lam": 0.0}))


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
