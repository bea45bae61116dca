"""A study that has nothing to compare: it says so, says how to get it, and shows what was learned."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from acai_ray import store
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.compare.answer import answer
from acai_ray.analysis.report import page_of
from acai_ray.analysis.report.explorer import build_explorer
from acai_ray.analysis.report.provenance import is_experiment
from acai_ray.common.settings import parse
from acai_ray.common.twin_advice import twin_advice
from acai_ray.protocol.primary import parse_margins
from acai_ray.sweep.space import Space, load_space
from tests.helpers.model_factory import save_all
from tests.helpers.report_pages import visit
from tests.helpers.study_factory import Trial, build

EXPERIMENT = {"seeds": 2, "trial": {"latent_dim": 16, "lambda": 0.1, "gamma": 0.05}}


def compared(folder: Path) -> Analysis:
    return analyse(store.load(folder), parse_margins([]))


def single(folder: Path, lam: float = 0.1, **study: Any) -> Path:
    """An experiment of two seeds, with their models."""
    trial = Trial("e00000", "single", lam, range(2), pictures=True)
    built = build(folder / "demo", [trial], **{"space": EXPERIMENT, **study})
    save_all(built, {f"e00000-{seed}": {"latent_dim": 16, "lam": lam} for seed in range(2)})
    return built


@pytest.mark.parametrize(
    ("lam", "why"),
    [(0.1, "no vanilla run (λ = 0) is done beside the runs"), (0.0, "every run that is done is vanilla (λ = 0)")],
)
def test_it_says_why_nothing_is_compared_and_how_to_get_it(lam: float, why: str, tmp_path: Path) -> None:
    said = answer(compared(single(tmp_path, lam)))
    assert why in said
    point = "{latent_dim: 16, lambda: 0.1, gamma: 0.05}" if lam else "{latent_dim: 16, lambda: 0.1, gamma: 0.2}"
    assert f"points: [{point}]" in said


@pytest.mark.parametrize(("regularizer", "gamma"), [("acai", 0.2), ("vae", 0.0)])
@pytest.mark.parametrize("lam", [0.0, 0.05])
def test_what_it_advises_is_a_search_space_with_twins(
    lam: float, regularizer: str, gamma: float, tmp_path: Path
) -> None:
    (points,) = re.findall(r"points: \[.*?\]", twin_advice(16, lam, gamma, regularizer))
    path = tmp_path / "space.yaml"
    path.write_text(f"seeds: 2\n{points}\n")
    space = load_space(str(path))
    assert space.baseline
    assert space.regularizers == [regularizer]
    (cell,) = space.points or []
    assert cell["lam"] > 0


def test_an_unfinished_study_may_still_get_its_twins(tmp_path: Path) -> None:
    assert "nothing to compare yet" in answer(compared(single(tmp_path, status="running", end=None)))


def test_runs_without_a_match_are_left_out_with_the_reason(tmp_path: Path) -> None:
    trials = [Trial("g00000", "grid", 0.0, [0], latent_dim=8), Trial("g00001", "grid", 0.1, [0], latent_dim=16)]
    assert "no run with a regularizer has a vanilla twin" in answer(compared(build(tmp_path / "demo", trials)))


@pytest.mark.usefixtures("one_figure")
def test_it_can_be_shared_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(single(tmp_path)), "--share", str(tmp_path / "copy")]) == 0
    assert [path.name for path in (tmp_path / "copy" / "demo" / "models").iterdir()] == ["e00000-0"]
    assert main([str(tmp_path / "copy" / "demo"), "--check"]) == 0
    assert "says what the tables say" in capsys.readouterr().out


@pytest.mark.usefixtures("one_figure")
def test_the_terminal_has_the_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = single(tmp_path)
    assert main([str(study)]) == 0
    said = capsys.readouterr().out
    value = store.load(study).summary()["test_path_coverage"].mean()
    assert "Measured on test poses" in said
    assert f"{value:.4g}" in said


def test_the_page_has_curves_samples_paths_and_numbers(tmp_path: Path) -> None:
    study = single(tmp_path)
    assert main([str(study)]) == 0
    page = page_of(study).read_text(encoding="utf-8")
    for words in ("What was measured", "Transition curves", "Sampled poses", "Decoded paths", "Latent explorer"):
        assert words in page
    assert "Each difference is" not in page
    for name in ("transition_curves", "samples", "paths", "training"):
        assert (study / "report" / "figures" / f"{name}.svg").is_file()


def test_the_explorer_has_the_first_seed_and_no_twin(tmp_path: Path) -> None:
    explorer = build_explorer(compared(single(tmp_path)))
    (pair,) = explorer.data["pairs"]
    assert (pair["vanilla"], pair["runs"], pair["title"]) == (None, ["", "e00000-0"], "ACAI")
    assert len(explorer.data["networks"]) == 1
    assert "beside no twin" in explorer.notes[0]
    assert json.dumps(explorer.data, allow_nan=False)


@pytest.mark.parametrize(("name", "single"), [("an experiment", True), ("a space", False)])
def test_its_settings_are_read_by_the_command_that_the_page_names(name: str, single: bool) -> None:
    space = parse(Space, {"grid": {"latent_dim": [4]}, "seeds": 1}, "space").model_dump(mode="json")
    assert is_experiment({"space": EXPERIMENT if single else space}) == single


@pytest.mark.slow
def test_a_browser_shows_one_skeleton_and_moves_it(browser: Any, tmp_path: Path) -> None:
    study = single(tmp_path)
    assert main([str(study)]) == 0
    with visit(browser, study) as seen:
        assert not seen.page.locator("#side-vanilla").is_visible()
        before = seen.skeleton("acai")
        seen.page.locator("#place").fill("60")
        assert seen.skeleton("acai") != before
        assert seen.page.evaluate("document.getElementById('curve').data[2].x[0]") == 60
        assert "vanilla" not in seen.text("place-text")
        assert seen.complaints == []
