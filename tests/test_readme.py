"""README and manual say what the program does: commands, options, files, columns and numbers."""

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest

from acai_ray import store
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.settings import Settings
from acai_ray.common.trial_config import TrialConfig
from acai_ray.poses.folds import USUAL
from acai_ray.sweep.space import Space, load_space
from tests.helpers.pages import ROOT, Block, blocks, commands, not_printed, run

PAGES = {str(path.relative_to(ROOT)): path for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("[!.]*/*.md")])}
TEXTS = {name: path.read_text(encoding="utf-8") for name, path in PAGES.items()}
README = TEXTS["README.md"]
ALL = "\n".join(TEXTS.values())

MODULES = sorted(set(re.findall(r"python -m (acai_ray[.\w]*\w)", ALL)))
COMMAND_LINES = sorted(set(re.findall(r"python -m acai_ray[^`'\n&|]*", ALL)))
"""Everything the pages show as a command of ours, up to its end."""

TITLES = {block.title for text in TEXTS.values() for block in blocks(text) if block.title}
WRITTEN = {"my.yaml", "methods.md"} | {Path(title).name for title in TITLES}
"""Files that a reader or a command writes."""


def marked_command(marker: str) -> str:
    """The one command line in the bash block after a marker."""
    found = re.search(rf"^<!-- {marker} -->\n```bash\n(.+)\n```$", README, re.MULTILINE)
    assert found, f"README.md must have <!-- {marker} --> before a bash block of one line"
    return found[1]


@cache
def help_of(module: str) -> str:
    done = run(sys.executable, "-m", module, "--help")
    assert done.returncode == 0, f"python -m {module} --help ends with {done.returncode}: {done.stderr}"
    kinds = re.search(r"^usage: [^{]*\{([\w,]+)\} \.\.\.$", done.stdout, re.MULTILINE)
    of_kinds = [run(sys.executable, "-m", module, kind, "--help") for kind in (kinds[1].split(",") if kinds else ())]
    return "\n".join([done.stdout, *(of_kind.stdout for of_kind in of_kinds)])


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][\w-]*", text))


def test_the_install_commands_are_one_line_each() -> None:
    main, test = marked_command("main-command"), marked_command("test-command")
    for command in (main, test):
        assert command.startswith("python -m venv .venv")
        assert "pip install -c constraints.txt" in command
    assert test.endswith("python -m pytest -n 3 --dist loadfile")


def test_ci_runs_the_readme_command() -> None:
    done = subprocess.run([ROOT / ".ci" / "run", "--print"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == marked_command("test-command")


@pytest.mark.parametrize("module", MODULES)
def test_every_command_answers_help(module: str) -> None:
    assert f"python -m {module}" in help_of(module)


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_every_option_of_a_shown_command_exists(line: str) -> None:
    module = line.split()[2]
    missing = options_in(line) - options_in(help_of(module))
    assert not missing, f"`{line}` has {', '.join(sorted(missing))}, which --help does not know"


@pytest.mark.parametrize("page", [name for name in PAGES if name.startswith(("README", "docs/"))])
def test_every_option_named_alone_exists(page: str) -> None:
    named = {option for code in re.findall(r"`(--[^`]+)`", TEXTS[page]) for option in options_in(code)} - {"--help"}
    known = set().union(*(options_in(help_of(module)) for module in MODULES))
    assert named <= known, f"{page} names {', '.join(sorted(named - known))}, which no command knows"


@pytest.mark.parametrize("page", PAGES)
def test_every_file_named_is_there(page: str) -> None:
    text, folder = TEXTS[page], PAGES[page].parent
    links = {link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link}
    for link in links:
        assert (folder / link).exists(), f"{page} links to {link}, which is not there"
    named = re.findall(r"(?<![\w./-])((?:[\w.-]+/)*[\w-]+\.(?:py|md|yaml|toml|txt|cff))(?![\w/])", text)
    for name in {name for name in named if Path(name).name not in WRITTEN}:
        found = (ROOT / name).exists() or (folder / name).exists() or (ROOT / "acai_ray" / name).exists()
        assert found, f"{page} names {name}, which is not there"


@pytest.mark.parametrize("page", PAGES)
def test_every_heading_linked_to_is_there(page: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", TEXTS[page]):
        other = (PAGES[page].parent / target) if target else PAGES[page]
        headings = re.findall(r"^#+ (.+)$", other.read_text(encoding="utf-8"), re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in anchors, f"{page} links to {target}#{anchor}, but there is no such heading"


@pytest.mark.parametrize("page", PAGES)
def test_every_python_name_is_there(page: str) -> None:
    import acai_ray

    public = "|".join(acai_ray.__all__)
    for dotted in set(re.findall(rf"(?<![\w.])acai_ray\.((?:{public})\b(?:\.\w+)?)", TEXTS[page])):
        if f"acai_ray/{dotted.replace('.', '/')}.py" in TITLES:
            continue
        value: object = acai_ray
        for name in dotted.split("."):
            assert hasattr(value, name), f"{page} names acai_ray.{dotted}, which is not there"
            value = getattr(value, name)


@pytest.mark.parametrize("table", store.TABLES)
def test_the_manual_lists_a_table_as_it_is(table: str) -> None:
    section = re.search(rf"^## {table}:.*?(?=^## |\Z)", TEXTS["docs/study.md"], re.MULTILINE | re.DOTALL)
    assert section, f"docs/study.md has no section on {table}"
    listed = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section[0], re.MULTILINE)
    assert listed == [(column.name, type_name(column.type)) for column in store.SCHEMAS[table]]


def type_name(of: pa.DataType) -> str:
    return f"{of.value_type}[{of.list_size}]" if pa.types.is_fixed_size_list(of) else str(of)


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("Search spaces", Space),
        ("Settings of a trial", TrialConfig),
        ("Sizes of the evaluation", EvaluationConfig),
    ],
)
def test_the_manual_lists_every_setting_with_its_default(heading: str, model: type[Settings]) -> None:
    page = TEXTS["docs/search-spaces.md"]
    section = re.search(rf"^#+ {heading}$.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section
    listed: dict[str, str] = {}
    for row in re.findall(r"^\| (`.+) \|$", section[0], re.MULTILINE):
        keys, defaults, _ = row.split(" | ", 2)
        names = [name for name in re.findall(r"`(\w+)`", keys) if name != "lambda"]
        listed |= dict(zip(names, defaults.split(", "), strict=True))
    assert sorted(listed) == sorted(model.model_fields)
    for name, field in model.model_fields.items():
        simple = isinstance(field.default, str | int | float) and field.default != ""
        assert not simple or listed[name].strip("`") == told(field.default), f"the default of {name}"


def told(value: str | int | float) -> str:
    return str(value).lower() if isinstance(value, bool | str) else f"{value:.6g}"


def test_readme_describes_the_built_in_spaces() -> None:
    wide, table1 = load_space("wide"), load_space("table1")
    assert wide.confirm is not None
    assert f"`wide` ({wide.trials} trials over d, λ and γ, then up to three picks at each d in twelve folds)" in README
    assert (len(wide.confirm.picks), wide.confirm.folds, USUAL) == (3, "auto", 12)
    assert (
        f"the {len(table1.cells())} cells of the report's Table I with its settings and {table1.seeds} seeds" in README
    )


def test_the_manuals_example_is_a_search_space(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", TEXTS["docs/search-spaces.md"], re.DOTALL)
    assert example
    path = tmp_path / "my.yaml"
    path.write_text(example[1], encoding="utf-8")
    assert load_space(str(path)).confirm is not None


class Ran(NamedTuple):
    """README's main command after the install: where it ran, and what its parts printed."""

    folder: Path
    printed: dict[str, str]


def ran(line: str, folder: Path) -> str:
    """What a command line of a page prints; only where it runs and which Python it takes differ."""
    done = run(sys.executable, *shlex.split(line)[1:], cwd=folder, timeout=3600)
    assert done.returncode == 0, f"{line} ends with {done.returncode}: {done.stderr[-2000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def main_run(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("main")
    ours = [part for part in marked_command("main-command").split(" && ") if part.startswith("python -m acai_ray")]
    assert [part.split()[2] for part in ours] == ["acai_ray.tune", "acai_ray.analysis"]
    return Ran(folder, {part: ran(part, folder) for part in ours})


@pytest.mark.slow
def test_the_main_command_does_what_the_readme_says(main_run: Ran) -> None:
    study = main_run.folder / "results" / "smoke"
    assert (study / "report" / "index.html").stat().st_size > 100_000
    assert "results/smoke/report/index.html" in main_run.printed["python -m acai_ray.analysis results/"]
    results = store.load(study)
    assert (results.runs["status"] == "done").all()
    assert set(results.runs["phase"]) == {"search", "baseline", "control", "confirm"}
    undocumented = set(results.metrics["metric"]) - set(re.findall(r"`(\w+)`", TEXTS["docs/metrics.md"]))
    assert not undocumented, f"docs/metrics.md lacks {', '.join(sorted(undocumented))}"


@pytest.mark.slow
def test_the_tutorial_shows_what_its_commands_print(main_run: Ran) -> None:
    """After each block of commands or Python what it prints, up to the numbers of models and the time it takes."""
    printed = ""
    for block in blocks(TEXTS["docs/tutorial.md"])[1:]:
        if block.language == "text":
            exact = printed.startswith("synthetic")
            assert not not_printed(block.text, printed, masked=not exact)
        else:
            printed = "".join(main_run.printed.get(line) or ran(line, main_run.folder) for line in lines_of(block))


def lines_of(block: Block) -> list[str]:
    return (
        commands(f"```bash\n{block.text}```") if block.language == "bash" else [f"python -c {shlex.quote(block.text)}"]
    )
