"""Watching: one line a round, a new analysis when tables change, an end when the study is finished."""

from pathlib import Path

import pytest

from acai_ray import store
from acai_ray.analysis import watching
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.report.scripts import policy
from acai_ray.analysis.watching import signature
from acai_ray.common.files import write_json
from tests.helpers.study_factory import Trial, build, write_trial

pytestmark = pytest.mark.usefixtures("one_figure")

VANILLA, ACAI = Trial("g0", "grid", 0.0, range(2)), Trial("g1", "grid", 0.1, range(2))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study that has begun and has no run yet."""
    return build(tmp_path / "demo", [], status="running", end=None)


def page_of(study: Path) -> str:
    return (study / "report" / "index.html").read_text(encoding="utf-8")


def finish(study: Path) -> None:
    write_json(study / "study.json", store.read_study(study) | {"status": "finished"})


class Sweep:
    """Stands in for the time that passes: each sleep does the next step of a sweep, then ends the watch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *steps: object) -> None:
        self.steps, self.slept = list(steps), list[float]()
        monkeypatch.setattr(watching.time, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if not self.steps:
            raise KeyboardInterrupt
        self.steps.pop(0)()


def test_it_follows_a_sweep_to_its_end(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pages: list[str] = []
    sweep = Sweep(
        monkeypatch,
        lambda: (pages.append(page_of(study)), write_trial(study, VANILLA)),
        lambda: (pages.append(page_of(study)), write_trial(study, ACAI)),
        lambda: None,
        lambda: (pages.append(page_of(study)), finish(study)),
    )
    assert main([str(study), "--watch", "7"]) == 0
    said = capsys.readouterr()
    lines = [line for line in said.out.splitlines() if "runs done;" in line]
    assert [line.partition("demo: ")[2] for line in lines] == [
        "0 of 0 runs done; first look, no new numbers",
        "2 of 2 runs done; +2 runs, +2 runs done, +6 epochs",
        "4 of 4 runs done; +2 runs, +2 runs done, +6 epochs",
        "4 of 4 runs done; no new numbers",
    ]
    assert said.err == ""
    assert sweep.slept == [7, 7, 7, watching.LOOK_S]
    assert "nothing to compare yet" in pages[0]
    assert all('data-reload-s="7.0"' in page and "being watched" in page for page in pages)
    assert "data-reload-s" not in page_of(study)


def test_ctrl_c_ends_it_and_the_page_reloads_no_more(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Sweep(monkeypatch)
    assert main([str(study), "--watch"]) == 130
    assert "Traceback" not in capsys.readouterr().err
    assert "data-reload-s" not in page_of(study)
    assert "This study is not finished" in page_of(study)


def test_a_finished_study_is_analysed_once(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_trial(study, VANILLA)
    (study / "metrics" / "g0.parquet").unlink()
    finish(study)
    assert main([str(study), "--watch"]) == 4
    assert "Report: " in capsys.readouterr().out


def test_only_the_study_that_changed_is_analysed_again(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build(study.parent / "done", [VANILLA, ACAI])
    Sweep(monkeypatch, lambda: finish(study))
    assert main([str(study.parent), "--watch"]) == 0
    lines = [line.split()[1] for line in capsys.readouterr().out.splitlines() if "runs done;" in line]
    assert lines == ["demo:", "done:", "demo:"]
    assert (study.parent / "index.html").is_file()


def test_the_signature_moves_with_every_file_of_the_store(study: Path) -> None:
    seen = [signature(study)]
    for trial in (VANILLA, ACAI, VANILLA):
        write_trial(study, trial)
        seen.append(signature(study))
    finish(study)
    seen.append(signature(study))
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("seconds", ["0", "soon", "nan", "-5"])
def test_seconds_that_are_none_are_refused(study: Path, seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(study), f"--watch={seconds}"])
    assert "seconds are a number" in capsys.readouterr().err


def test_the_live_script_is_admitted_by_its_hash(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[str] = []
    Sweep(monkeypatch, lambda: pages.append(page_of(study)))
    main([str(study), "--watch"])
    assert policy([watching_script()]).split(";")[1].strip().replace("'", "&#39;") in pages[0]
    assert "unsafe-inline'; script" not in pages[0]


def watching_script() -> str:
    from acai_ray.analysis.report.live import live_script

    return live_script()
