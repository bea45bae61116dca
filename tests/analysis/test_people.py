"""People, bodies and folds: who stands behind a verdict, each person's difference, and what a reader is warned of."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from acai_ray import store
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.compare import Analysis, Family, analyse
from acai_ray.analysis.compare.answer import answer, scope_of, warnings
from acai_ray.analysis.compare.people import agreement, by_person
from acai_ray.analysis.figures import FIGURES, draw
from acai_ray.analysis.figures.style import ACAI as COLOUR
from acai_ray.analysis.figures.style import PAPER
from acai_ray.analysis.report.search_notes import people_section
from acai_ray.analysis.tables import report_tables, search_tables
from acai_ray.protocol.primary import PRIMARY, parse_margins
from tests.helpers.study_factory import Trial, build

VANILLA = {"Anna": 0.0, "Ben": 10.0, "Cleo": 20.0}
ACAI = {"Anna": -2.0, "Ben": 9.0, "Cleo": 21.5}

FOLDS = 12
PEOPLE = {f"{place}": place % FOLDS for place in range(27)}
"""27 people and the fold of each."""

BODIES = {who: 2 * fold + (int(who) // FOLDS) % 2 * (fold < 6) for who, fold in PEOPLE.items()}
"""The people of the first six folds have two bodies a fold, those of the others one: 18."""


def compared(folder: Path, trials: list[Trial], split: str = "test", **study: Any) -> Analysis:
    return analyse(store.load(build(folder, trials, split=split, **study)), parse_margins([]))


def deciding(analysis: Analysis) -> Family:
    assert analysis.answer is not None
    return analysis.answer


def person(split: str, body: int, poses: int = 500) -> dict[str, Any]:
    """As `poses.description.describe` writes it."""
    return {"split": split, "body": body, "poses": poses}


def fold(tested: list[str], poses: int, left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"tested": tested, "left_out": list(left_out), "poses": poses}


def of_folds(effect: float = -1.0) -> list[Trial]:
    """Twins of twelve folds, one seed each: every person differs by the effect and by a hundredth of their number."""
    trials = []
    for number in range(FOLDS):
        people = [who for who, where in PEOPLE.items() if where == number]
        more = {who: effect + 0.01 * int(who) for who in people}
        trials.append(Trial(f"v{number:02}", "grid", 0.0, [0], fold=number, people=dict.fromkeys(people, 0.0)))
        trials.append(Trial(f"a{number:02}", "grid", 0.1, [0], fold=number, people=more))
    return trials


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    people = {who: person("train", BODIES[who]) for who in PEOPLE} | {"few": person("train", BODIES["0"], 20)}
    tested = [[who for who, where in PEOPLE.items() if where == number] for number in range(FOLDS)]
    folds = [fold(who, 500 * len(who), ("few",) if number == 0 else ()) for number, who in enumerate(tested)]
    data = {"name": "recorded", "fingerprint": "abc123", "people": people, "folds": folds, "body_gap_mm": 4.25}
    space = {"evaluation": {"person_poses": 150}}
    return compared(tmp_path_factory.mktemp("folded"), of_folds(), data=data, space=space)


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    trials = [Trial("g0", "grid", 0.0, range(3), people=VANILLA), Trial("g1", "grid", 0.1, range(3), people=ACAI)]
    return compared(tmp_path, trials)


def test_differences_are_paired_by_person(analysis: Analysis) -> None:
    people = by_person(deciding(analysis).differences)
    rows = people.query("metric == 'reconstruction'").set_index("person")
    assert rows["value"].to_dict() == pytest.approx({"Anna": -2.0, "Ben": -1.0, "Cleo": 1.5})
    vanilla = analysis.done.query("lam == 0")["test_reconstruction_mpjpe_mm"].mean()
    assert (rows.loc["Ben", "vanilla"], rows.loc["Ben", "acai"]) == pytest.approx((vanilla + 10, vanilla + 9))
    assert set(rows["seeds"]) == {3}
    assert list(people["metric"].unique()) == [metric.name for metric in PRIMARY]


def test_people_who_agree_are_counted(analysis: Analysis) -> None:
    rows = agreement(by_person(deciding(analysis).differences)).set_index("metric")
    row = rows.loc["bones"]
    assert (row["people"], row["lower"], row["higher"]) == (3, 2, 1)
    assert (row["least"], row["most"]) == pytest.approx((-2.0, 1.5))


def test_a_person_counts_where_both_runs_have_measured_them(tmp_path: Path) -> None:
    acai = Trial("g1", "grid", 0.1, range(3), people=ACAI | {"Dora": 1.0}, status={2: ("failed", "lost")})
    family = deciding(compared(tmp_path, [Trial("g0", "grid", 0.0, range(3), people=VANILLA), acai]))
    rows = by_person(family.differences)
    assert set(rows["person"]) == set(VANILLA)
    assert set(rows["seeds"]) == {2}
    assert set(family.tests["n_people"]) == {3}


def test_a_median_is_taken_where_the_metric_is_one(tmp_path: Path) -> None:
    """The smoothness ratio of a person is a median, the other primary metrics are means."""
    build(tmp_path, [Trial("g0", "grid", 0.0, [0]), Trial("g1", "grid", 0.1, [0])])
    rows = store.read(tmp_path, "subjects", "g1")
    store.write(tmp_path, "subjects", "g1", rows.assign(median=rows["median"] + 7.0))
    differences = deciding(analyse(store.load(tmp_path), parse_margins([]))).differences
    assert differences.groupby("metric")["value"].mean().to_dict() == pytest.approx(
        {metric.name: 7.0 * (metric.name == "smoothness") for metric in PRIMARY}
    )


def test_the_family_that_answers_is_shown_on_its_own_poses(tmp_path: Path) -> None:
    trials = [Trial("s0", "search", 0.1, [0], people=ACAI), Trial("b0", "baseline", 0.0, [0], people=VANILLA)]
    searched = compared(tmp_path, trials, split="valid")
    assert set(by_person(deciding(searched).differences)["lam"]) == {0.1}
    agree, _ = people_section(searched).folded
    assert agree.caption == "Agreement of people, on valid poses"
    assert scope_of(deciding(searched)) == "3 people, 1 seed, validation poses"


def test_without_people_there_is_no_verdict_and_no_section(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, [0], people={}), Trial("g1", "grid", 0.1, [0], people={})]
    nobody = compared(tmp_path, trials)
    assert deciding(nobody).differences.empty
    assert set(deciding(nobody).tests["reason"]) == {"no_pairs"}
    assert not people_section(nobody).filled
    assert not people_section(compared(tmp_path / "none", [])).filled
    assert scope_of(deciding(nobody)) == "0 people, 0 seeds, test poses"


def test_the_scope_names_people_bodies_folds_and_seeds(folded: Analysis) -> None:
    assert scope_of(deciding(folded)) == "27 people with 18 bodies, in 12 folds, 1 seed, test poses"
    assert "Over the planned grid (27 people with 18 bodies, in 12 folds, 1 seed, test poses): At d" in answer(folded)


@pytest.mark.parametrize("table", [report_tables.verdicts, report_tables.overview])
def test_tables_name_people_bodies_folds_and_seeds(table: Any, folded: Analysis) -> None:
    made = table(deciding(folded))
    scope = ["people", "bodies", "folds", "seeds"]
    assert made.frame[scope].drop_duplicates().to_numpy().tolist() == [[27, 18, 12, 1]]
    assert {row[made.header.index("people, bodies, folds, seeds")] for row in made.rows} == {"27, 18, 12, 1"}


def test_a_verdicts_row_has_the_p_over_folds_and_no_interval_over_one_seed(folded: Analysis) -> None:
    made = report_tables.verdicts(deciding(folded))
    assert set(made.frame["p_sign_flip"]) == {2 / 2**12}
    assert made.frame["seeds_ci95_low"].isna().all()
    assert {row[made.header.index("over seeds alone, same people")] for row in made.rows} == {"–"}


def test_the_interval_over_seeds_is_labelled_so(analysis: Analysis) -> None:
    made = report_tables.verdicts(deciding(analysis))
    assert {row[made.header.index("over seeds alone, same people")] for row in made.rows} == {"−0.5 to −0.5"}
    assert {row[made.header.index("sign-flip p over folds")] for row in made.rows} == {"–"}


def test_people_of_whom_the_study_does_not_tell_have_bodies_of_their_own(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, range(2), people=VANILLA), Trial("g1", "grid", 0.1, range(2), people=ACAI)]
    one = {"Anna": person("test", 0), "Ben": person("test", 0)}
    assert set(deciding(compared(tmp_path / "a", trials)).tests["n_bodies"]) == {3}
    assert set(deciding(compared(tmp_path / "b", trials, data={"people": one})).tests["n_bodies"]) == {2}


def test_the_section_tells_who_was_tested_and_who_was_not(folded: Analysis) -> None:
    section = people_section(folded)
    said = "\n".join(section.paragraphs)
    for sentence in (
        "The data has 28 people with 18 bodies.",
        "One body is that of 0, 24, few.",
        "The two bodies that are most alike differ by 4.25 mm in a limb.",
        "1 of 28 people are not tested, because they have fewer than 150 poses: few.",
        "Fold 1 tests 0, 12, 24 (1500 poses); few share a body with them and stay out.",
        "Fold 12 tests 11, 23 (1000 poses).",
    ):
        assert sentence in said
    varies, agree, people = section.folded
    assert len(varies.rows) == len(PRIMARY)
    assert agree.rows[0] == ["16", "0.1", "0.05", "Reconstruction MPJPE (mm)", "27 of 27", "0 of 27", "−1 to −0.74"]
    row = people.frame.query("metric == 'bones' and person == '13'").iloc[0]
    assert (row["fold"], row["seeds"], row["value"]) == (1, 1, pytest.approx(-0.87))
    shown = next(row for row in people.rows if row[3:5] == ["Path bone excess (mm)", "13"])
    assert shown[people.header.index("fold")] == "2"
    assert len(people.rows) == 27 * len(PRIMARY)


def test_a_person_without_fold_has_a_dash(analysis: Analysis) -> None:
    made = search_tables.person_table(by_person(deciding(analysis).differences), analysis.titles)
    assert {row[made.header.index("fold")] for row in made.rows} == {"–"}


TORN = {"a": person("train", 0), "b": person("test", 0), "c": person("train", 1), "d": person("valid", 2)}
EQUAL = [fold([name], 500) for name in "abc"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            {"people": TORN},
            ["One body is in several parts of the split under the names of 2 people (train a; test b), so these"],
        ),
        (
            {"people": TORN | {"e": person("test", 1), "f": person("test", 1)}},
            ["One body is in several parts of the split under", "One body is in several parts of the split under the "
            "names of 3 people (train c; test e, f)"],
        ),
        ({"people": TORN, "folds": EQUAL}, []),
        ({"people": TORN | {"b": person("train", 0)}}, []),
        ({}, []),
        (
            {"folds": [fold(["a", "b", "c"], 3000), *(fold([name], 500) for name in "defg")]},
            ["Fold 1 holds 60% of the tested poses, of 3 people, since a body is never divided"],
        ),
        (
            {"folds": [*(fold([name], 500) for name in "abcd"), fold(["e"], 1500)]},
            ["Fold 5 holds 43% of the tested poses, of one person, since a body is never divided"],
        ),
        ({"folds": EQUAL}, []),
        ({"folds": []}, []),
    ],
)  # fmt: skip
def test_torn_bodies_and_a_dominant_fold_are_warned_of(data: dict[str, Any], told: list[str], tmp_path: Path) -> None:
    notes = warnings(compared(tmp_path, [], data=data))
    assert len(notes) == len(told)
    assert all(note.startswith(beginning) and note.endswith(".") for note, beginning in zip(notes, told, strict=True))


@pytest.mark.usefixtures("one_figure")
def test_a_warning_stands_on_the_page_and_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(tmp_path, [Trial("g0", "grid", 0.0, [0]), Trial("g1", "grid", 0.1, [0])], data={"people": TORN})
    assert main([str(tmp_path)]) == 0
    said = "(train a; test b)"
    assert said in " ".join(capsys.readouterr().out.split())
    assert said in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("one_figure")
@pytest.mark.parametrize(
    "data",
    [
        {"people": 3, "folds": "all"},
        {"people": {"P1": "tall", "P2": {"body": "thin", "poses": 3}, "P3": {"body": 1}}, "folds": ["first", 2]},
        {"people": {"P1": {"split": None, "body": 1, "poses": 3}}, "folds": [{"poses": 3}, {"tested": ["P1"]}]},
        {"folds": [{"tested": 3, "left_out": [], "poses": 3}, {"tested": [], "left_out": [], "poses": "many"}]},
        {"people": {"P1": {"split": 3, "body": 1, "poses": 3}}, "folds": {"tested": []}, "body_gap_mm": "narrow"},
    ],
)
def test_a_strangers_people_and_folds_are_no_traceback(data: dict[str, Any], tmp_path: Path) -> None:
    space = {"evaluation": {"person_poses": "few"}}
    build(tmp_path, [Trial("g0", "grid", 0.0, [0]), Trial("g1", "grid", 0.1, [0])], data=data, space=space)
    assert main([str(tmp_path)]) == 0


def drawn(analysis: Analysis) -> Figure:
    figure = draw(next(spec for spec in FIGURES if spec.name == "paired_differences"), analysis)
    assert figure is not None
    return figure


def legend_of(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_every_person_is_a_dot_and_their_mean_a_diamond(analysis: Analysis) -> None:
    figure = drawn(analysis)
    _, dots, others, mean = figure.axes[0].lines
    assert sorted(dots.get_xdata()) == pytest.approx([-2.0, -1.0, 1.5])
    assert len(set(dots.get_ydata())) == 1
    assert len(others.get_xdata()) == 0
    assert list(mean.get_xdata()) == pytest.approx([-0.5])
    assert legend_of(figure)[0] == "a person, mean over seeds"
    assert not [text for text in legend_of(figure) if "fold" in text]


def test_folds_are_told_apart(folded: Analysis) -> None:
    """The people of a fold have one height of their own, and neighbours differ in their look: odd ones are filled."""
    figure = drawn(folded)
    for ax in figure.axes:
        _, odd, even, _ = ax.lines
        heights: dict[int, set[float]] = {}
        for line, face, first in ((odd, COLOUR, 1), (even, PAPER, 2)):
            assert to_hex(line.get_markerfacecolor()) == to_hex(face)
            for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
                number = PEOPLE[f"{round((x + 1) * 100)}"] + 1
                assert number % 2 == first % 2
                heights.setdefault(number, set()).add(float(y))
        assert all(len(found) == 1 for found in heights.values())
        places = [min(heights[number]) for number in range(1, FOLDS + 1)]
        assert (np.diff(places) > 0.02).all()
        assert max(places) - min(places) < 1
    assert legend_of(figure)[:2] == ["a person, odd fold", "a person, even fold"]


def test_two_cells_people_do_not_overlap(tmp_path: Path) -> None:
    trials = [*of_folds(), *(Trial(f"b{t.trial_id}", "grid", 0.2, [0], fold=t.fold, people=t.people)
              for t in of_folds() if t.lam)]  # fmt: skip
    figure = drawn(compared(tmp_path, trials))
    heights = np.sort(np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in figure.axes[0].lines[1:3]]))
    upper, lower = heights[heights > -0.5], heights[heights < -0.5]
    diamonds = figure.axes[0].lines[3].get_ydata()
    assert len(upper) == len(lower) == 27
    assert lower.max() < max(diamonds) < upper.min()
    assert pd.Series(diamonds).is_unique
