"""A study of several regularizers: each beside vanilla, each beside the others, by the names its parts gave them."""

from pathlib import Path
from typing import Any

import pytest

from acai_ray import store
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.compare.answer import answer
from acai_ray.analysis.compare.arm_titles import arm_titles, file_name, lambda_label, one_word
from acai_ray.analysis.compare.arms import beside_each_other, of_arm
from acai_ray.analysis.methods.section import describe
from acai_ray.analysis.methods.text import markdown
from acai_ray.analysis.report.writing import contents
from acai_ray.analysis.tables import report_tables
from acai_ray.protocol.primary import parse_margins
from tests.helpers.study_factory import Trial, build

PARTS = {
    "acai": {"title": "ACAI", "unit": "m²", "weighs": "the critic's answers", "source": "Berthelot et al. 2018"},
    "vae": {"title": "VAE", "unit": "m²", "weighs": "the divergence", "source": "Kingma & Welling 2014"},
    "mine": {"title": "My own", "unit": "", "weighs": "what I like", "source": ""},
}
SEEDS = range(4)
BONES = "path_bone_excess_mm"


def trial(name: str, regularizer: str, lam: float, gain: float, codes: str = "sphere") -> Trial:
    differences = {BONES: [gain] * len(SEEDS)} if gain else {}
    return Trial(name, "grid", lam, SEEDS, differences=differences, regularizer=regularizer, codes=codes, pictures=True)


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """ACAI and a VAE better in bones, a user's own unlike vanilla in nothing; the VAE has a twin with flat codes."""
    trials = [
        Trial("v", "grid", 0.0, SEEDS, pictures=True),
        Trial("flat", "grid", 0.0, SEEDS, codes="flat", pictures=True),
        trial("a", "acai", 0.1, -2.0),
        trial("e", "vae", 0.1, -3.0, "flat"),
        trial("m", "mine", 0.1, 0.0),
    ]
    folder = build(tmp_path_factory.mktemp("arms") / "arms", trials, regularizers=PARTS)
    return analyse(store.load(folder), parse_margins([]))


def test_each_is_paired_with_vanilla_of_its_own_codes(analysis: Analysis) -> None:
    assert analysis.arms == ["acai", "vae", "mine"]
    assert analysis.answer is not None
    pairs = analysis.answer.pairs
    assert set(zip(pairs["arm"], pairs["twin"].str.rsplit("-", n=1).str[0], strict=True)) == {
        ("acai", "v"),
        ("vae", "flat"),
        ("mine", "v"),
    }


def test_equal_settings_of_two_regularizers_are_two_cells(analysis: Analysis) -> None:
    assert analysis.answer is not None
    tests = analysis.answer.tests.set_index(["arm", "metric"])
    assert len(tests) == 3 * 4
    assert tests["family_size"].unique().tolist() == [12]
    assert tests.loc[("acai", "bones"), "verdict"] == "better"
    assert tests.loc[("vae", "bones"), "mean"] == pytest.approx(-3.0)


def test_the_answer_names_each(analysis: Analysis) -> None:
    said = answer(analysis)
    assert "At d = 16 with ACAI, a weight of λ = 0.1 brings bone lengths on paths 2 mm nearer to real ones" in said
    assert "At d = 16 with VAE, a weight of λ = 0.1 brings bone lengths on paths 3 mm nearer" in said
    assert "At d = 16 with My own, " in said


def test_the_overview_has_a_column_of_titles_and_no_gamma_but_acais(analysis: Analysis) -> None:
    assert analysis.answer is not None
    table = report_tables.overview(analysis.answer)
    assert table.header[:4] == ["arm", "d", "λ", "γ"]
    assert [row[:4] for row in table.rows] == [
        ["ACAI", "16", "0.1", "0.05"],
        ["My own", "16", "0.1", "–"],
        ["VAE", "16", "0.1", "–"],
    ]
    assert "arm − vanilla" in table.caption


def test_two_regularizers_are_set_beside_each_other_by_person_and_seed(analysis: Analysis) -> None:
    found = beside_each_other(analysis)
    bones = found[found["metric"] == "bones"].set_index(["arm", "other"])
    assert len(found) == 3 * 4
    assert bones.loc[("acai", "vae"), "mean"] == pytest.approx(1.0, abs=1e-9)
    assert bones.loc[("acai", "mine"), "mean"] == pytest.approx(-2.0, abs=1e-9)
    assert "verdict" not in found
    rows = report_tables.arms_beside(analysis).rows
    assert rows[0][1:3] == ["ACAI, λ = 0.1", "My own, λ = 0.1"]


def test_one_of_them_alone_keeps_the_verdicts_of_all(analysis: Analysis) -> None:
    part = of_arm(analysis, "vae")
    assert part.answer is not None
    assert analysis.answer is not None
    whole = analysis.answer.tests
    assert part.answer.tests.equals(whole[whole["arm"] == "vae"])
    assert set(part.results.runs["trial_id"]) == {"flat", "e"}
    assert (part.arm, part.arms) == ("VAE", ["vae"])


@pytest.mark.slow
def test_the_report_has_figures_of_each_and_one_of_all(analysis: Analysis) -> None:
    made = contents(analysis)
    figures = {name.removeprefix("figures/").removesuffix(".svg") for name in made if name.endswith(".svg")}
    assert {"paired_differences", "training_acai", "training_vae", "paths_mine"} <= figures
    assert "training" not in figures
    assert "tables/arms.csv" in made
    page = made["index.html"].decode()
    assert "Reconstruction by epoch: VAE" in page


def test_the_methods_say_what_each_weighs(analysis: Analysis) -> None:
    text = markdown(describe(analysis))
    assert "VAE (Kingma & Welling 2014): λ weighs the divergence; it was 0.1." in text
    assert "lie on the unit sphere and are interpolated along great circles or are any vectors" in text


STRANGE: list[Any] = [None, [], {"acai": 3}, {"acai": {"title": 7}}, {"acai": {"title": "\x1b[31m"}}, {"acai": {}}]


@pytest.mark.parametrize("parts", STRANGE, ids=str)
def test_a_strangers_titles_do_no_harm(parts: Any) -> None:
    titles = arm_titles({"regularizers": parts}, ["vae", "acai"])
    assert set(titles.values()) == {"vae", "ACAI"}
    assert lambda_label({"regularizers": parts}, {"acai": "ACAI"}) == "λ (m²)"


def test_words_for_one_and_for_several() -> None:
    assert one_word({}) == "ACAI"
    assert one_word({"vae": "VAE"}) == "VAE"
    assert one_word({"vae": "VAE", "acai": "ACAI"}) == "arm"
    assert lambda_label({"regularizers": PARTS}, {"acai": "ACAI", "mine": "My own"}) == "λ"


@pytest.fixture
def alone(tmp_path: Path) -> Analysis:
    trials = [Trial("v", "grid", 0.0, SEEDS, codes="flat"), trial("e", "vae", 0.1, -3.0, "flat")]
    return analyse(store.load(build(tmp_path / "alone", trials, regularizers=PARTS)), parse_margins([]))


def test_another_one_alone_is_called_by_its_name(alone: Analysis) -> None:
    assert alone.answer is not None
    table = report_tables.overview(alone.answer)
    assert table.header[0] == "d"
    assert "VAE − vanilla" in table.caption
    assert "At d = 16 with VAE, " in answer(alone)


def test_a_strangers_names_lead_nowhere() -> None:
    """They would stand in the names of files and in the page's ids."""
    assert file_name("paths", 0, "constant_speed") == "paths_constant_speed"
    for place, arm in enumerate(("../../x", 'x" onload="y', "", "a" * 99, "A/B")):
        assert file_name("paths", place, arm) == f"paths_arm{place + 1}"
    assert arm_titles({}, ["\x1b[31m"]) == {"\x1b[31m": "�[31m"}


def test_a_run_without_an_arm_is_left_out_and_named(tmp_path: Path) -> None:
    study = build(tmp_path / "odd", [Trial("v", "grid", 0.0, SEEDS), trial("a", "acai", 0.1, -2.0)])
    runs = store.read(study, "runs", "a").assign(arm=None)
    store.write(study, "runs", "a", runs)
    results = store.load(study)
    assert set(results.runs["trial_id"]) == {"v"}
    assert "a seed, an arm and a known status" in str(results.damaged[0])
