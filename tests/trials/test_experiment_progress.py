"""How far an experiment is, and what it says at its end."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from acai_ray import store
from acai_ray.trials import experiment_progress
from acai_ray.trials.experiment_progress import ExperimentProgress, experiment_line
from acai_ray.trials.numbers import primary_lines
from acai_ray.trials.run_trial import EpochEnd
from acai_ray.trials.trial import Trial
from acai_ray.trials.view import View
from tests.helpers.study_factory import Trial as Fabricated
from tests.helpers.study_factory import build
from tests.helpers.training import small

TRIAL = Trial("e00000", "single", small(epochs=4, lam=0.05), (0, 1))


def rows(epoch: int) -> list[dict[str, float]]:
    return [{"epoch": epoch, "valid_mpjpe_mm": error} for error in (40.0, 42.0)]


def drawn(progress: ExperimentProgress) -> str:
    output = io.StringIO()
    Console(file=output, width=80).print(View(progress.standing()))
    return output.getvalue()


def test_it_goes_from_the_start_to_the_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(experiment_progress.time, "monotonic", lambda: now[0])
    progress = ExperimentProgress(TRIAL)
    now[0] = 5.0
    assert experiment_line(progress.standing()) == "starting · 0:00:05 passed"
    now[0] = 10.0
    progress.count(EpochEnd(1, rows(1)))
    now[0] = 12.0
    said = experiment_line(progress.standing())
    assert said == "epoch 2 of 4 · validation error 41.0 mm · 0:00:12 passed · about 0:00:28 left"
    assert all(words in drawn(progress) for words in ("1 of 4 epochs", "epoch 2 of 4", "41.0 mm", "λ 0.05"))
    now[0] = 40.0
    progress.count(EpochEnd(4, rows(4)))
    now[0] = 45.0
    assert experiment_line(progress.standing()) == "evaluation · validation error 41.0 mm · 0:00:45 passed"


def test_a_resumed_one_estimates_from_its_own_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(experiment_progress.time, "monotonic", lambda: now[0])
    progress = ExperimentProgress(TRIAL)
    now[0] = 10.0
    progress.count(EpochEnd(3, rows(3)))
    assert progress.standing().left_s == 10.0


def test_the_end_has_the_primary_metrics_with_units_and_in_words(tmp_path: Path) -> None:
    study = build(tmp_path / "demo", [Fabricated("e00000", "single", 0.1, [0, 1])])
    first, *lines = primary_lines(store.load(study))
    assert first == "on test poses (mean over 2 seeds, lowest and highest):"
    values = store.load(study).summary()["test_reconstruction_mpjpe_mm"]
    mean, low, high = (f"{value:.3g}" for value in (values.mean(), values.min(), values.max()))
    assert lines[0].split() == f"Reconstruction MPJPE {mean} mm ({low} to {high}), lower is better:".split()
    assert lines[1] == "    how far a joint of a reconstructed pose is from the real one"
    assert len(lines) == 8
    assert max(map(len, lines)) < 80


def test_without_a_seed_that_is_done_there_are_no_numbers(tmp_path: Path) -> None:
    failed = Fabricated("e00000", "single", 0.1, [0], status={0: ("diverged", "a loss is not finite")})
    assert list(primary_lines(store.load(build(tmp_path / "demo", [failed])))) == []


def test_what_was_measured_on_validation_poses_alone_says_so(tmp_path: Path) -> None:
    study = build(tmp_path / "demo", [Fabricated("e00000", "single", 0.1, [0])], split="valid")
    first, *_ = primary_lines(store.load(study))
    assert first == "on validation poses (one seed):"
