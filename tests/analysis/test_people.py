"""Differences by person, and how many people agree."""

from pathlib import Path

import pytest

from acai_ray import store
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.compare.people import METRICS, agreement, by_person
from acai_ray.analysis.figures import FIGURES, draw
from acai_ray.analysis.report.search_notes import people_section
from acai_ray.protocol.primary import parse_margins
from tests.helpers.study_factory import Trial, build

VANILLA = {"Anna": 0.0, "Ben": 10.0, "Cleo": 20.0}
ACAI = {"Anna": -2.0, "Ben": 9.0, "Cleo": 21.5}


def compared(folder: Path, trials: list[Trial], split: str = "test") -> Analysis:
    return analyse(store.load(build(folder, trials, split=split)), parse_margins([]))


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    trials = [Trial("g0", "grid", 0.0, range(3), people=VANILLA), Trial("g1", "grid", 0.1, range(3), people=ACAI)]
    return compared(tmp_path, trials)


def test_differences_are_paired_by_person(analysis: Analysis) -> None:
    rows = by_person(analysis).query("metric == 'reconstruction'").set_index("subject")
    assert rows["difference_mm"].to_dict() == pytest.approx({"Anna": -2.0, "Ben": -1.0, "Cleo": 1.5})
    assert (rows.loc["Ben", "vanilla_mm"], rows.loc["Ben", "acai_mm"]) == pytest.approx((61.0, 60.0))
    assert set(rows["seeds"]) == {3}
    assert list(by_person(analysis)["metric"].unique()) == list(METRICS)


def test_people_who_agree_are_counted(analysis: Analysis) -> None:
    rows = agreement(by_person(analysis)).set_index("metric")
    row = rows.loc["path_recall"]
    assert (row["people"], row["lower"], row["higher"]) == (3, 2, 1)
    assert (row["mean_mm"], row["least_mm"], row["most_mm"]) == pytest.approx((-0.5, -2.0, 1.5))


def test_a_pair_counts_where_both_runs_have_the_person(tmp_path: Path) -> None:
    acai = Trial("g1", "grid", 0.1, range(3), people=ACAI | {"Dora": 1.0}, status={2: ("failed", "lost")})
    rows = by_person(compared(tmp_path, [Trial("g0", "grid", 0.0, range(3), people=VANILLA), acai]))
    assert set(rows["subject"]) == set(VANILLA)
    assert set(rows["seeds"]) == {2}


def test_the_family_that_answers_is_shown_on_its_own_poses(tmp_path: Path) -> None:
    trials = [Trial("s0", "search", 0.1, [0], people=ACAI), Trial("b0", "baseline", 0.0, [0], people=VANILLA)]
    rows = by_person(compared(tmp_path, trials, split="valid"))
    assert set(rows["lam"]) == {0.1}
    note = people_section(compared(tmp_path, trials, split="valid")).paragraphs[0]
    assert note.startswith("3 validation people")
    assert "not tested" in note


def test_without_people_there_is_nothing(tmp_path: Path) -> None:
    analysis = compared(tmp_path, [Trial("g0", "grid", 0.0, [0]), Trial("g1", "grid", 0.1, [0])])
    assert by_person(analysis).empty
    assert not people_section(analysis).filled
    assert by_person(compared(tmp_path / "none", [])).empty


def test_every_person_is_a_dot_and_their_mean_a_diamond(analysis: Analysis) -> None:
    figure = draw(next(spec for spec in FIGURES if spec.name == "people_differences"), analysis)
    assert figure is not None
    _, dots, mean = figure.axes[0].lines
    assert sorted(dots.get_xdata()) == pytest.approx([-2.0, -1.0, 1.5])
    assert list(mean.get_xdata()) == pytest.approx([-0.5])
