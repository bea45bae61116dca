"""What a study will come to, before it starts: its trials, its controls, and the tests its answer needs."""

from collections.abc import Iterator
from typing import NamedTuple

from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.controls import BY_KIND
from acai_ray.protocol.phases import Phase
from acai_ray.sweep.distinct import most_trials
from acai_ray.sweep.plan import Plan, controls_beside
from acai_ray.sweep.space import Space
from acai_ray.trials.trial import Trial


class PhaseSize(NamedTuple):
    """How large a phase is: its trials, folds included, and the seeds of each."""

    trials: int
    seeds: int


def count_trials(space: Space) -> dict[Phase, PhaseSize]:
    """The size of each phase but the controls'; for a search and its confirmation, what they come to at most."""
    plan = Plan(space)
    if space.search is None:
        plan.add_cells()
        counted = {phase: len(plan.of_phase(phase)) for phase in (Phase.GRID, Phase.BASELINE)}
    else:
        trials = most_trials(space)
        twins = min(trials, _distinct_settings(space)) if space.baseline else 0
        counted = {Phase.SEARCH: trials, Phase.BASELINE: twins}
    phases = {phase: PhaseSize(trials, space.seeds) for phase, trials in counted.items() if trials}
    if space.confirm is not None:
        picks = _confirmed(space)
        trials = (picks + min(picks, _distinct_settings(space))) * (space.fold_count or 1)
        phases[Phase.CONFIRM] = PhaseSize(trials, space.confirm.seeds)
    return phases


def count_controls(space: Space) -> tuple[int, int]:
    """Models trained as controls, and controls that are measured without training."""
    controls = list(_controls(space))
    trained = sum(times * len(control.seeds) for control, times in controls if control.trained)
    return trained, sum(times for control, times in controls if not control.trained)


def count_control_trials(space: Space) -> int:
    """Trials that are controls, at most; those that are trained have several models each."""
    return sum(times for _, times in _controls(space))


def _controls(space: Space) -> Iterator[tuple[Trial, int]]:
    """Each control, and how often it is measured."""
    if not space.controls:
        return
    base = Trial("", Phase.BASELINE, typical_config(space), tuple(range(space.seeds)))
    for control in controls_beside(base):
        kind = BY_KIND[control.control]
        beside = (_latent_sizes(space) if kind.per_latent else 1) * (_kinds_of_codes(space) if kind.each_codes else 1)
        yield control, beside * _rounds(space, kind.each_fold)


def describe_trials(space: Space) -> str:
    """How many trials each phase has, in one sentence that says where there may be fewer."""
    sizes = ", ".join(f"{trials} {phase} × {seeds} seeds" for phase, (trials, seeds) in count_trials(space).items())
    few = space.search is not None and most_trials(space) < space.trials
    why = f" (the search has only {most_trials(space)} different settings)" if few else ""
    return f"trials: {'at most ' if few or space.confirm is not None else ''}{sizes}{why}"


def most_steps_saved(space: Space) -> int:
    """Model-steps that stopping can save at most: all but the first trial that is compared end at the first rung.

    The first of each regularizer and latent size goes on whatever comes later.
    """
    if space.stop is None:
        return 0
    config = typical_config(space)
    sizes = (space.search or {}).get("latent_dim")
    groups = len(space.regularizers) * (len(sizes.values or ()) if sizes is not None and sizes.choice else 1)
    epochs = config.epochs - space.stop.at[0]
    return max(0, most_trials(space) - groups) * space.seeds * epochs * config.steps_per_epoch


def deciding(space: Space) -> tuple[int, int, str]:
    """The cells of the study's answer, at most, the seeds of each, and what they are called."""
    if space.confirm is not None:
        return _confirmed(space), space.confirm.seeds, "confirmation"
    if space.search is None:
        cells = sum(space.trial_config(cell).lam > 0 for cell in space.cells())
        return cells, space.seeds, "grid"
    return most_trials(space), space.seeds, "search"


def typical_config(space: Space) -> TrialConfig:
    """The first settings of the space; of a fixed list the first with λ above 0, if there are any."""
    if space.search is None:
        configs = [space.trial_config(cell) for cell in space.cells()]
        return next((config for config in configs if config.lam > 0), configs[0])
    first = space.regularizers[0]
    places = {name: dimension.extremes[0] for name, dimension in space.searched(first).items()}
    return space.trial_config(space.point(places, first))


def _distinct_settings(space: Space) -> int:
    """Distinct settings of vanilla twins that a search can come to; unbounded where one of them is a range."""
    count = 1 if "codes" in space.varied else _kinds_of_codes(space)
    for name, dimension in (space.search or {}).items():
        if name not in ("lam", "gamma", "regularizer"):
            count *= space.trials if dimension.values is None else min(space.trials, len(dimension.values))
    return count


def _rounds(space: Space, each_fold: bool) -> int:
    """How often a control is measured: once, or in each fold of a fixed list of trials."""
    return (space.fold_count or 1) if each_fold and space.search is None else 1


def _confirmed(space: Space) -> int:
    """Configurations that will be confirmed, at most: each pick another one, if there are as many."""
    assert space.confirm is not None
    return min(len(space.confirm.picks) * len(space.regularizers) * _latent_sizes(space), most_trials(space))


def _kinds_of_codes(space: Space) -> int:
    """How many kinds of codes there will be, at most."""
    if space.search is None:
        return len({space.trial_config(cell).codes for cell in space.cells()})
    if "codes" in space.search:
        return len(space.search["codes"].values or ())
    return len({space.trial_config(space.point({}, regularizer)).codes for regularizer in space.regularizers})


def _latent_sizes(space: Space) -> int:
    """How many latent sizes there will be, at most."""
    if space.search is None:
        return len({space.trial_config(cell).latent_dim for cell in space.cells()})
    dimension = space.search.get("latent_dim")
    values = (None,) if dimension is None else dimension.values
    assert values is not None  # the latent size is a whole number
    return min(space.trials, len(values))
