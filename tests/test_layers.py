"""The house: every module lies in a room, and a room imports only from the rooms below it."""

import ast
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import acai_ray
from tests.helpers.imports import MODULES, imported, imported_by
from tests.helpers.pages import ROOT as CHECKOUT
from tests.helpers.pages import blocks

ROOT = Path(acai_ray.__file__).parent

LEVELS = (
    ("common",),
    ("protocol", "latent"),
    ("store", "poses", "metrics"),
    ("models",),
    ("training",),
    ("evaluation",),
    ("trials",),
    ("sweep", "analysis", "data", "lines"),
    ("tune", "train", "data.__main__", "lines.__main__", "analysis.__main__", "__main__"),
)
"""The rooms of the package from the ground up, with the few modules at its root; the last level is the commands."""

ANALYSIS_LEVELS = (
    ("wording",),
    ("reasons",),
    ("compare",),
    ("tables", "saved_models"),
    ("figures", "methods"),
    ("report", "damage", "terminal"),
    ("check", "sharing", "facts"),
    ("command",),
    ("watching",),
    ("__main__",),
)
"""The same within `analysis`: from frames to frames, to tables and figures, to the page, to the command."""

LEVEL = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
COMMANDS = LEVELS[-1]

MAY_IMPORT = {
    "latent": set(),
    "protocol": {"common"},
    "store": {"common", "protocol"},
    "metrics": {"common"},
    "poses": {"common"},
    "models": {"common", "latent"},
    "analysis": {"common", "protocol", "store"},
    "data": {"common", "poses", "models"},
}
"""Rooms that may import these rooms and no other, even of those below them."""


def room_of(name: str) -> str:
    """`poses.loading.load` lies in `poses`; a command is a room of its own."""
    return next((command for command in COMMANDS if f"{name}.".startswith(f"{command}.")), name.split(".")[0])


def rooms_imported(module: str) -> set[str]:
    """The rooms of this package that a module imports, its own left out."""
    ours = {name.removeprefix("acai_ray.") for name in imported(module) if name.startswith("acai_ray.")}
    return {room_of(name) for name in ours if name != "__version__"} - {room_of(module)}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_lies_in_a_room(module: str) -> None:
    assert room_of(module) in LEVEL, f"acai_ray.{module} lies in no room; give it one in {Path(__file__).name}"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_lower_rooms_only(module: str) -> None:
    own = room_of(module)
    wrong = sorted(room for room in rooms_imported(module) if LEVEL.get(room, len(LEVELS)) >= LEVEL[own])
    assert not wrong, f"acai_ray.{module} (level {LEVEL[own]}) imports {', '.join(wrong)}, not below it"


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("analysis.")])
def test_the_analysis_goes_one_way(module: str) -> None:
    level = {f"analysis.{part}": number for number, parts in enumerate(ANALYSIS_LEVELS) for part in parts}
    own, *others = (
        ".".join(name.removeprefix("acai_ray.").split(".")[:2]) for name in (module, *sorted(imported(module)))
    )
    if own != "analysis.__init__":
        wrong = [name for name in others if name != own and level.get(name, -1) >= level[own]]
        assert not wrong, f"acai_ray.{module} imports {', '.join(wrong)}, not below it"


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    for module in (module for module in MODULES if room_of(module) == room):
        wrong = sorted(rooms_imported(module) - MAY_IMPORT[room])
        allowed = ", ".join(sorted(MAY_IMPORT[room])) or "nothing"
        assert not wrong, f"acai_ray.{module} imports {', '.join(wrong)}; of this package {room} may import {allowed}"


@pytest.mark.parametrize("module", MODULES)
def test_only_the_sweep_imports_ray(module: str) -> None:
    if room_of(module) != "sweep":
        ray = sorted(name for name in imported(module) if name.split(".")[0] == "ray")
        assert not ray, f"acai_ray.{module} imports {', '.join(ray)}; only acai_ray.sweep may"


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module) == "protocol"])
def test_the_protocol_is_facts_and_rules(module: str) -> None:
    """It needs no torch, reads no files, draws no figures, and makes no sentences but those of its errors."""
    foreign = {name.split(".")[0] for name in imported(module)}
    assert foreign <= {"acai_ray", "numpy", "pandas", "scipy", *sys.stdlib_module_names}
    for function in ast.walk(ast.parse((ROOT / Path(*module.split("."))).with_suffix(".py").read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef):
            sentences = [text for text in texts_made(function) if len(text.split()) > 2]
            assert not sentences, f"acai_ray.{module}.{function.name} makes the sentence {sentences[0]!r}; words last"


def texts_made(function: ast.FunctionDef) -> list[str]:
    """The text constants of a function, without its docstring and what it raises."""
    raises = [node for node in ast.walk(function) if isinstance(node, ast.Raise)]
    elsewhere = {ast.get_docstring(function, clean=False), *(text for node in raises for text in texts(node))}
    return [text for text in texts(function) if text not in elsewhere]


def texts(node: ast.AST) -> list[str]:
    """All text constants within a node."""
    constants = (child.value for child in ast.walk(node) if isinstance(child, ast.Constant))
    return [value for value in constants if isinstance(value, str)]


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_a_command(module: str) -> None:
    wrong = sorted(rooms_imported(module) & set(COMMANDS))
    assert not wrong, f"acai_ray.{module} imports the command {', '.join(wrong)}; move what it needs out of there"


TESTS = ROOT.parent / "tests"


def test_the_folders_of_tests_are_those_of_the_package() -> None:
    """Each room has its tests; what lies at the root of `tests/` is about the repository or a module at the root."""
    tested = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    assert not [str(folder) for folder in tested if not (ROOT / folder).is_dir()]
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert {folder.parts[0] for folder in tested if folder.parts} == rooms


@pytest.mark.parametrize("folder", ["tests", "benchmarks"])
def test_what_tests_and_benchmarks_share_lies_in_the_helpers(folder: str) -> None:
    """No test imports another or a benchmark, and no benchmark a test; helpers import neither."""
    for path in sorted((ROOT.parent / folder).rglob("*.py")):
        allowed = ("tests.helpers.", "benchmarks.") if folder == "benchmarks" else ("tests.helpers.",)
        names = [name for name in imported_by(path) if f"{name}.".startswith(("tests.", "benchmarks."))]
        wrong = [name for name in names if not f"{name}.".startswith(allowed)]
        assert not wrong, f"{path.relative_to(ROOT.parent)} imports {', '.join(wrong)}; move it to tests/helpers"


def loaded_by(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after a statement."""
    program = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=True, cwd=ROOT.parent
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import acai_ray", {"ray", "torch", "pandas", "numpy", "optuna", "matplotlib"}),
        ("import acai_ray.store", {"ray", "torch", "optuna", "matplotlib"}),
        (
            "import pkgutil, acai_ray.protocol as p; "
            "[__import__(f'acai_ray.protocol.{m.name}') for m in pkgutil.iter_modules(p.__path__)]",
            {"ray", "torch", "optuna", "matplotlib"},
        ),
        ("import acai_ray.protocol", {"ray", "torch", "pandas", "numpy", "optuna", "matplotlib"}),
        ("import acai_ray.analysis.__main__, acai_ray.analysis.command", {"ray", "torch", "optuna"}),
        ("import acai_ray.trials.experiment", {"ray", "optuna", "matplotlib"}),
        ("import acai_ray.__main__", {"ray", "torch", "pandas", "optuna", "matplotlib", "numpy", "rich", "pydantic"}),
        ("import acai_ray.tune, acai_ray.train", {"ray", "torch", "pandas", "optuna"}),
        ("import acai_ray.data.__main__", {"ray", "torch", "pandas", "optuna", "matplotlib", "numpy"}),
        ("import acai_ray.data.inspection, acai_ray.data.preview", {"ray", "torch", "optuna"}),
    ],
)
def test_what_an_import_leaves_alone(statement: str, absent: set[str]) -> None:
    loaded = sorted(loaded_by(statement) & absent)
    assert not loaded, f"`{statement}` loads {', '.join(loaded)}, which it must leave alone"


def test_the_public_names_are_there() -> None:
    program = "import acai_ray; [getattr(acai_ray, name) for name in acai_ray.__all__]"
    assert "torch" in loaded_by(program)


# The house as docs/design.md tells it

DESIGN = (CHECKOUT / "docs" / "design.md").read_text(encoding="utf-8")
ANY = "any lower level"
ROW = re.compile(r"^\| (\d) \| (`.+?`) \| .+ \| (.+?) \|$", re.MULTILINE)


def section(heading: str) -> str:
    """The text of docs/design.md below a heading, up to the next one."""
    return DESIGN.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def names_in(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([\w.]+)`", cell))


def test_the_table_of_the_house_has_the_rooms_and_what_they_may_import() -> None:
    rows = [(int(level), names_in(rooms), may) for level, rooms, may in ROW.findall(section("The house"))]
    assert sorted({level for level, *_ in rows}) == list(range(len(LEVELS)))
    for number, level in enumerate(LEVELS):
        assert tuple(room for row, rooms, _ in rows if row == number for room in rooms) == level
    for _, rooms, may in rows:
        for room in rooms:
            told = None if may == ANY else {*names_in(may)}
            assert told == (set() if LEVEL[room] == 0 else MAY_IMPORT.get(room)), f"what {room} may import"


def test_every_folder_and_module_at_the_top_is_a_room_of_the_table() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    modules = {path.stem for path in ROOT.glob("*.py")} - {"__init__"}
    told = {room for _, rooms, _ in ROW.findall(section("The house")) for room in names_in(rooms)}
    assert {room for room in told if "." not in room} == folders | modules


class Room(NamedTuple):
    """A room as it is drawn: its name, its line, and the columns that its name and floor take."""

    name: str
    line: int
    start: int
    end: int


def drawing() -> list[str]:
    (picture,) = [block.text for block in blocks(section("The house")) if block.language == "text"]
    width = max(map(len, picture.splitlines()))
    return [line.ljust(width) for line in picture.splitlines()]


def drawn() -> list[Room]:
    """A floor of `─` belongs to the name that stands in it."""
    return [
        Room(found[1], number, *found.span())
        for number, line in enumerate(drawing())
        for found in re.finditer(r"(?:─+ )?([a-z_.]+)(?: ─+)?", line)
    ]


def end_of(arrow: tuple[int, int], step: int) -> Room:
    """The room where a column of `│` and `▼` ends, from (line, column) up or down."""
    line, column = arrow
    while drawing()[line][column] in "│▼":
        line += step
    (room,) = [room for room in drawn() if room.line == line and room.start <= column < room.end]
    return room


def test_the_drawing_has_the_rooms_by_level() -> None:
    lines = sorted({room.line for room in drawn()}, reverse=True)
    levels = [{room.name for room in drawn() if room.line == line} for line in lines]
    assert levels == [set(level) for level in LEVELS]


def test_every_arrow_of_the_drawing_is_an_import() -> None:
    arrows = [(line, column) for line, text in enumerate(drawing()) for column, sign in enumerate(text) if sign == "▼"]
    led = {(end_of(arrow, -1).name, end_of(arrow, 1).name) for arrow in arrows}
    for source, target in led:
        of_source = [module for module in MODULES if room_of(module) == source]
        assert any(target in rooms_imported(module) for module in of_source), f"{source} does not import {target}"
    assert {room for pair in led for room in pair} == set(LEVEL), "every room has an arrow"


def test_the_way_of_the_data_goes_through_names_that_are_there() -> None:
    names = re.findall(r"`(acai_ray\.[\w.]+)`", section("The way of the data"))
    assert len(names) > 10
    for name in names:
        pkgutil.resolve_name(name)


def test_contributing_lists_the_rooms_from_the_ground_up() -> None:
    text = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"^From the ground up: (.+?)\.", text, re.MULTILINE | re.DOTALL)
    assert [names_in(level) for level in told.split(";")] == list(LEVELS[:-1])
