"""What trackers are told: one run a seed, each epoch once, and a tracker that fails costs a sentence."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from acai_ray.common.errors import UserError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.sweep.trackers import channel, opening
from acai_ray.sweep.trackers.opening import TRACKERS, opened, refuse_missing
from acai_ray.sweep.trackers.seed_run import SeedRun, Values, measured, runs_of
from acai_ray.sweep.trackers.tracking import Tracking
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import MemberEnd, TrialEnd
from acai_ray.tune import parser

TRIAL = Trial("g00000", Phase.GRID, TrialConfig(latent_dim=4, lam=0.1), (0, 1))


class Told:
    """A tracker that keeps what it is told; a run of an earlier session has `has` epochs."""

    name = "told"

    def __init__(self, has: int = 0, fails_at: int | None = None) -> None:
        self.told: list[tuple[Any, ...]] = []
        self._has, self._fails_at = has, fails_at

    def begin(self, run: SeedRun) -> int:
        self.told.append(("begin", run.trial_id))
        return self._has

    def log(self, run: SeedRun, step: int, values: Values) -> None:
        if step == self._fails_at:
            raise OSError(28, "No space left on device")
        self.told.append(("log", run.trial_id, step, dict(values)))

    def end(self, run: SeedRun, failed: bool) -> None:
        self.told.append(("end", run.trial_id, failed))

    def close(self) -> None:
        self.told.append(("close",))

    def of(self, run_id: str) -> list[tuple[Any, ...]]:
        return [told for told in self.told if told[1:2] == (run_id,)]


def history(*epochs: int) -> list[dict[str, Any]]:
    nan = float("nan")
    return [
        {"run_id": run_id, "epoch": epoch, "loss_rec": 0.1 * epoch, "loss_adv": nan, "rung_share": None}
        for run_id in ("g00000-0", "g00000-1")
        for epoch in epochs
    ]


def metric(run_id: str, value: float, n_reference: int | None = None) -> dict[str, Any]:
    row = {
        "split": "test",
        "sampler": "path",
        "metric": "coverage",
        "distance": "none",
        "statistic": "value",
        "unit": "1",
    }
    return {"run_id": run_id, **row, "value": value, "n_reference": n_reference}


def ending(*statuses: RunStatus, rows: Sequence[dict[str, Any]] = ()) -> TrialEnd:
    return TrialEnd([MemberEnd(status, "", 2) for status in statuses], tables={"metrics": rows})


def tracked(tracker: Told, tmp_path: Path, said: list[str] | None = None) -> Tracking:
    return Tracking([tracker], tmp_path, (said if said is not None else []).append)


def test_each_seed_is_a_run_with_its_epochs_its_metrics_and_its_end(tmp_path: Path) -> None:
    tracker = Told()
    tracking = tracked(tracker, tmp_path)
    tracking.add_epochs(TRIAL, history(1))
    tracking.add_epochs(TRIAL, history(1, 2))
    tracking.end(TRIAL, ending(RunStatus.DONE, RunStatus.DIVERGED, rows=[metric("g00000-0", 0.5)]))
    tracking.close()
    assert tracker.of("g00000-0") == [
        ("begin", "g00000-0"),
        ("log", "g00000-0", 1, {"loss_rec": 0.1}),
        ("log", "g00000-0", 2, {"loss_rec": 0.2}),
        ("log", "g00000-0", 2, {"test_path_coverage": 0.5}),
        ("end", "g00000-0", False),
    ]
    assert tracker.of("g00000-1")[-1] == ("end", "g00000-1", True)
    assert tracker.told[-1] == ("close",)


def test_a_run_that_goes_on_has_no_epoch_twice(tmp_path: Path) -> None:
    tracker = Told(has=2)
    tracking = tracked(tracker, tmp_path)
    tracking.add_epochs(TRIAL, history(1, 2, 3))
    tracking.close()
    assert [told[2] for told in tracker.of("g00000-0") if told[0] == "log"] == [3]


def test_a_control_without_training_is_a_run_too(tmp_path: Path) -> None:
    tracker = Told()
    tracking = tracked(tracker, tmp_path)
    tracking.end(TRIAL, ending(RunStatus.DONE, RunStatus.DONE))
    tracking.close()
    assert [told[0] for told in tracker.of("g00000-1")] == ["begin", "end"]


def test_a_tracker_that_fails_is_given_up_and_that_is_told_once(tmp_path: Path) -> None:
    said: list[str] = []
    broken, whole = Told(fails_at=2), Told()
    tracking = Tracking([broken, whole], tmp_path, said.append)
    for epochs in ((1,), (1, 2), (1, 2, 3)):
        tracking.add_epochs(TRIAL, history(*epochs))
    tracking.close()
    (sentence,) = said
    assert "told is told nothing more in this session" in sentence
    assert "No space left on device" in sentence
    assert "the study goes on" in sentence
    assert [told[2] for told in broken.told if told[0] == "log"] == [1, 1]
    assert [told[2] for told in whole.of("g00000-0") if told[0] == "log"] == [1, 2, 3]


def test_a_tracker_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "PATIENCE_S", 0.01)
    released, said = Event(), list[str]()

    class Hanging(Told):
        def begin(self, run: SeedRun) -> int:
            released.wait()
            return 0

    tracking = tracked(Hanging(), tmp_path, said)
    tracking.add_epochs(TRIAL, history(1))
    tracking.close()
    released.set()
    assert "has not taken everything" in said[0]


def test_a_run_has_its_settings_flat_and_without_what_is_not_given(tmp_path: Path) -> None:
    first, second = runs_of(TRIAL, tmp_path)
    assert (str(first), second.config["seed"]) == ("g00000-0", 1)
    assert (first.config["latent_dim"], first.config["lam"], first.config["arm"]) == (4, 0.1, "acai")
    assert all(isinstance(value, str | int | float | bool) for value in first.config.values())
    assert "" not in first.config.values()
    assert first.local_path == str(tmp_path / "g00000-0")


def test_of_several_reference_sets_the_largest_counts() -> None:
    rows = [metric("r", 0.9, 20000), metric("r", 0.1, 1024), metric("other", 0.7)]
    assert measured(rows, "r") == {"test_path_coverage": 0.9}


def test_the_command_offers_those_that_there_are() -> None:
    (option,) = [action for action in parser()._actions if "--log" in action.option_strings]
    assert set(option.choices or ()) == set(TRACKERS)


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "find_spec", lambda module: None)
    with pytest.raises(UserError, match=r"--log mlflow needs the library mlflow.*pip install .*\[mlflow\]"):
        refuse_missing(["mlflow"])


def test_a_tracker_that_does_not_answer_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(study_dir: Path, study_id: str) -> Told:
        raise ConnectionError("nobody there")

    monkeypatch.setitem(TRACKERS, "mlflow", ("mlflow", refuse))
    with pytest.raises(UserError, match=r"mlflow does not \(nobody there\).*leave --log mlflow away"):
        opened(["mlflow"], tmp_path, "id")
