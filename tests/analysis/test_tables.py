"""A table's three files: the numbers unrounded, and LaTeX that parses and has the page's cells."""

import re
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexNode,
    LatexSpecialsNode,
    LatexWalker,
)

from acai_ray import store
from acai_ray.analysis.compare import Analysis, Family, analyse
from acai_ray.analysis.report import contents
from acai_ray.analysis.tables import latex, report_tables, table_files
from acai_ray.analysis.tables.table import Table, shown
from acai_ray.analysis.wording import clean, estimate
from acai_ray.protocol.primary import PRIMARY, parse_margins, with_split
from tests.helpers.quick_reports import one_figure
from tests.helpers.study_factory import Trial, build

DIFFERENCES = {"reconstruction_mpjpe_mm": [1 / 3, 2.0, 3.0, 1.0, 2.0, 3.5]}
RULES = {"toprule", "midrule", "bottomrule", "endfirsthead", "endhead", "endfoot"}


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    trials = [
        Trial("g0", "grid", 0.0, range(6)),
        Trial("g1", "grid", 0.1, range(6), differences=DIFFERENCES),
        Trial("g2", "grid", 0.001, [0, 1], status={1: ("failed", "=1+1 & 50 % \\input{x} 中")}),
        Trial("x00000", "control", 0.0, [0], latent_dim=51, control="mean"),
        Trial("x00001", "control", 1e-6, range(6), control="chaos"),
    ]
    return analyse(store.load(build(tmp_path_factory.mktemp("results") / "demo", trials)), parse_margins([]))


@pytest.fixture(scope="module")
def files(analysis: Analysis) -> dict[str, bytes]:
    with one_figure():
        return {name: content for name, content in contents(analysis).items() if name.startswith("tables/")}


@pytest.fixture
def family(analysis: Analysis) -> Family:
    assert analysis.answer is not None
    return analysis.answer


def made(columns: dict[str, list[object]], name: str = "made", caption: str = "made") -> Table:
    frame = pd.DataFrame(columns)
    return Table(name, caption, frame, [shown(heading, heading, str) for heading in columns])


def environment(nodes: list[LatexNode]) -> LatexEnvironmentNode | None:
    """The first table within the nodes."""
    for node in nodes:
        if isinstance(node, LatexEnvironmentNode) and node.environmentname in ("tabular", "longtable"):
            return node
        if isinstance(node, LatexEnvironmentNode | LatexGroupNode) and (inner := environment(node.nodelist)):
            return inner
    return None


def cell_counts(source: str) -> list[int]:
    """How many cells each row of the table has, the caption's row left out; braces and environments must match."""
    nodes, _, _ = LatexWalker(source, tolerant_parsing=False).get_latex_nodes()
    table, counts, cells = environment(nodes), [], 1
    assert table
    for node in table.nodelist:
        if isinstance(node, LatexSpecialsNode) and node.specials_chars == "&":
            cells += 1
        elif isinstance(node, LatexCharsNode):
            cells += node.chars.count("&")
        elif isinstance(node, LatexMacroNode) and node.macroname == "\\":
            counts.append(cells)
            cells = 1
    return [count for count in counts if count > 1 or len(set(counts)) == 1]


def test_every_table_of_the_page_has_its_three_files(files: dict[str, bytes]) -> None:
    names = {Path(name).stem for name in files}
    wanted = {
        "overview",
        "verdicts_grid",
        "exploratory_grid",
        "table_one",
        "table_one_changes",
        "critic_health",
        "codes",
        "controls",
    }
    assert names == wanted | {"left_out", "weights", "sample_sizes", "pareto_fronts", "people", "people_agreement"}
    assert set(files) == {f"tables/{name}.{kind}" for name in names for kind in ("csv", "parquet", "tex")}


def test_the_numbers_are_those_of_the_comparison_to_the_last_bit(files: dict[str, bytes], family: Family) -> None:
    csv = pd.read_csv(BytesIO(files["tables/verdicts_grid.csv"]))
    parquet = pq.read_table(BytesIO(files["tables/verdicts_grid.parquet"])).to_pandas()
    for read in (csv, parquet):
        for ours, theirs in (
            *(("difference", "mean"), ("ci95_low", "low"), ("ci95_high", "high")),
            *(("seeds_ci95_low", "seeds_low"), ("seeds_ci95_high", "seeds_high"), ("bodies", "n_bodies")),
            *((name, name) for name in ("p", "p_adjusted", "p_equivalent", "p_equivalent_adjusted", "p_sign_flip")),
        ):
            np.testing.assert_array_equal(read[ours], family.tests[theirs].astype(float))
    assert list(csv["metric"]) == [with_split(m.column, "test") for m in PRIMARY] * family.tests["cell"].nunique()


def test_the_overview_has_the_tests_of_a_cell_in_one_row(family: Family) -> None:
    row = report_tables.overview(family).frame.set_index("lambda").loc[0.1]
    tests = family.tests[family.tests["lam"] == 0.1].set_index("metric")
    for metric in PRIMARY:
        stem = with_split(metric.column, "test")
        assert row[f"{stem}_difference"] == tests.loc[metric.name, "mean"]
        assert row[f"{stem}_verdict"] == tests.loc[metric.name, "verdict"]


def test_settings_that_differ_between_cells_are_columns(tmp_path: Path) -> None:
    trials = [
        Trial(f"{kind}{place}", "grid", lam, range(3), settings={"norm": norm, "dropout": 0.1 * place})
        for place, norm in enumerate(("batch", "none"))
        for kind, lam in (("v", 0.0), ("a", 0.1))
    ]
    family = analyse(store.load(build(tmp_path, trials)), parse_margins([])).answer
    assert family is not None
    for table in (report_tables.overview(family), report_tables.verdicts(family)):
        assert sorted(table.frame["norm"].unique()) == ["batch", "none"]
        assert list(table.frame["dropout"].unique()) == [0.0, 0.1]


def test_csv_and_parquet_hold_the_same(files: dict[str, bytes]) -> None:
    for name in (name.removesuffix(".csv") for name in files if name.endswith(".csv")):
        csv = pd.read_csv(BytesIO(files[f"{name}.csv"]))
        parquet = pq.read_table(BytesIO(files[f"{name}.parquet"])).to_pandas()
        assert list(csv) == list(parquet)
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", column) for column in csv)
        for column in parquet.select_dtypes("number"):
            np.testing.assert_array_equal(csv[column].astype(float), parquet[column].astype(float))


def test_a_text_is_no_formula_to_a_spreadsheet() -> None:
    found = table_files.files(made({"why": ["=1+1", "@x", "fine", None], "value": [-1.5, 1.0, 2.0, 3.0]}))["made.csv"]
    read = pd.read_csv(BytesIO(found), keep_default_na=False)
    assert list(read["why"]) == ["'=1+1", "'@x", "fine", ""]
    assert list(read["value"]) == [-1.5, 1.0, 2.0, 3.0]


def test_every_latex_table_parses_and_has_the_pages_cells(files: dict[str, bytes], analysis: Analysis) -> None:
    for name, content in files.items():
        if name.endswith(".tex"):
            counts = cell_counts(content.decode())
            assert len(set(counts)) == 1, name
            csv = pd.read_csv(StringIO(files[name.replace(".tex", ".csv")].decode()))
            heads = 2 if "longtable}" in content.decode().split("\n", 1)[1] else 1
            assert len(counts) == len(csv) + heads, name
    assert r"\begin{longtable}" in files["tables/exploratory_grid.tex"].decode() or len(analysis.families) == 1


@pytest.mark.parametrize(("rows", "long"), [(latex.MOST_ROWS, False), (latex.MOST_ROWS + 1, True)])
def test_a_table_longer_than_a_page_is_a_longtable(rows: int, long: bool) -> None:
    source = latex.table(made({"a": list(range(rows)), "b": list(range(rows))}))
    assert (r"\begin{longtable}" in source) == long
    assert len(cell_counts(source)) == rows + (2 if long else 1)


def test_numbers_are_aligned_at_their_points() -> None:
    texts = ["+1.25", "−12.5", "–", "+3"]
    source = latex.table(made({"number": texts, "text": ["a", "b", "c", "d"], "power": ["1e−05", "0.5", "2", "3"]}))
    assert "{S[table-format=+2.2,retain-explicit-plus]lr}" in source
    rows = re.search(r"\\midrule\n(.*)\n\\bottomrule", source, re.DOTALL)
    assert rows
    assert rows[1].split("\n")[:3] == [
        r"+1.25 & a & \num[retain-explicit-plus]{1e-05} \\",
        r"-12.5 & b & \num[retain-explicit-plus]{0.5} \\",
        r"{--} & c & \num[retain-explicit-plus]{2} \\",
    ]


def test_a_wide_table_takes_both_columns() -> None:
    narrow, wide = ({f"c{i}": ["0.1234"] for i in range(n)} for n in (3, 12))
    assert r"\begin{table}" in latex.table(made(narrow))
    assert r"\begin{table*}" in latex.table(made(wide))


def test_a_long_table_that_is_wider_than_a_page_lies_on_its_side() -> None:
    narrow, wide = ({f"c{i}": ["0.1234"] * 50 for i in range(n)} for n in (12, 22))
    assert "landscape}" not in latex.table(made(narrow))
    assert r"\begin{landscape}\scriptsize" in latex.table(made(wide))


def test_a_long_table_that_is_wider_still_has_smaller_letters() -> None:
    assert r"\begin{landscape}\tiny" in latex.table(made({f"c{i}": ["0.1234"] * 50 for i in range(36)}))


def test_a_long_name_may_be_broken_at_its_underscores() -> None:
    name = "test_path_bone_asymmetry_mm_median"
    source = latex.table(made({"metric": [name], "value": ["1"]}))
    assert latex.BROKEN in source
    assert source.count(r"\_\allowbreak") == name.count("_")


def test_a_row_that_begins_with_a_bracket_is_no_argument_of_the_row_before() -> None:
    source = latex.table(made({"a": ["x", "[2cm] y", "* z"], "b": ["p", "q", "r"]}))
    assert not re.search(r"\\\\\s*[\[*]", source)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5), st.text(max_size=40))
def test_any_text_parses_as_latex(texts: list[str], caption: str) -> None:
    source = latex.table(made({"a": texts, "b": ["&"] * len(texts)}, caption=caption))
    assert cell_counts(source) == [2] * (len(texts) + 1)
    macros = set(re.findall(r"\\(input|write|include|def|csname|immediate|catcode)\b", source))
    assert not macros


def test_symbols_are_those_of_mathematics() -> None:
    assert latex.escape("λ of L_rec, 50 % & ▲") == (
        r"\ensuremath{\lambda} of $L_{\mathrm{rec}}$, 50 \% \& $\bigtriangleup$"
    )


def test_a_bracket_is_no_argument_of_the_line_before() -> None:
    assert latex.escape("[95 %]") == r"{[}95 \%]"


def test_control_characters_reach_no_file() -> None:
    found = table_files.files(made({"a": ["\x1b[2J"], "b": ["\x00"]}))
    for content in found.values():
        assert b"\x1b" not in content
    assert clean("\x1b[2J") in found["made.csv"].decode()


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((-0.1107, -0.9773, 0.7558), "−0.11 [−0.98, +0.76]"),
        ((0.003425, -0.00009, 0.00685), "+0.0034 [−0.0001, +0.0069]"),
        ((10.354, 7.988, 12.72), "+10.4 [+8.0, +12.7]"),
        ((1234.5, 1111.1, 1357.9), "+1234 [+1111, +1358]"),
        ((0.5, 0.5, 0.5), "+0.5 –"),
        ((0.5, np.nan, np.nan), "+0.5 –"),
    ],
)
def test_a_difference_is_written_to_the_second_digit_of_its_uncertainty(
    numbers: tuple[float, float, float], text: str
) -> None:
    assert estimate(*numbers) == text
