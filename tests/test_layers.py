"""Imports go one way: every module stands on a level and imports from lower ones only."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import acai_ray

ROOT = Path(acai_ray.__file__).parent

LEVELS = (
    ("errors", "skeleton", "randomness", "statistics", "status_line", "schema", "files"),
    ("parquet_tables",),
    ("drawing", "config", "store", "latent", "losses", "augment", "metrics", "command_line"),
    ("poses", "models", "space", "analysis"),
    ("state", "trial", "study_file", "data_options", "reading", "pose_tensor"),
    ("plan",),
    ("inspection", "preview"),
    ("data_commands",),
    ("step", "checkpoint", "pose_model"),
    ("compiled",),
    ("trainer",),
    ("generative", "rows", "lines", "completion", "onnx_export"),
    ("yardstick", "records"),
    ("evaluate",),
    ("measurement",),
    ("run_trial", "recompute"),
    ("trainable", "planner", "experiment", "ray_cluster"),
    ("progress",),
    ("recording_callback",),
    ("sweep",),
    ("estimate",),
    ("tune", "train", "data", "lines.__main__", "analysis.__main__"),
)
"""The parts of the package from the bottom to the top; the last level is the commands."""

ANALYSIS_LEVELS = (
    ("wording", "records"),
    ("compare",),
    ("tables", "saved_models"),
    ("figures", "methods"),
    ("report", "damage", "terminal"),
    ("check", "sharing"),
    ("command",),
    ("watching",),
    ("__main__",),
)
"""The same within `analysis`: from frames to frames, to tables and figures, to the page, to the command."""

LEVEL = {part: number for number, parts in enumerate(LEVELS) for part in parts}
COMMANDS = LEVELS[-1]
SWEEP_LAYER = {"trainable", "planner", "ray_cluster", "recording_callback", "sweep"}

NARROW = {
    "store": {"errors", "files", "schema", "parquet_tables"},
    "parquet_tables": {"files", "schema"},
    "analysis": {"drawing", "errors", "skeleton", "statistics", "store"},
    "drawing": {"skeleton"},
    "inspection": {"errors", "poses", "skeleton"},
    "poses": {"config", "errors", "files", "skeleton"},
    "preview": {"drawing", "errors", "files", "poses", "skeleton"},
    "metrics": {"skeleton"},
    "losses": {"skeleton"},
    "latent": set(),
    "models": {"config", "skeleton"},
    "trainer": {
        "augment",
        "compiled",
        "config",
        "losses",
        "models",
        "pose_tensor",
        "poses",
        "randomness",
        "skeleton",
        "state",
        "step",
    },
    "completion": {"metrics", "pose_model", "skeleton"},
    "onnx_export": {"errors", "files", "pose_model", "skeleton"},
    "compiled": {"config", "errors", "models", "state", "step"},
    "step": {"config", "latent", "losses", "models", "state"},
}
"""Parts that may import these parts and no other, even of those below them."""

MODULES = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.rglob("*.py"))
MODULES.remove("__init__")


def part_of(name: str) -> str:
    """`poses.loading.load` belongs to `poses`; a command is a part of its own."""
    return next((command for command in COMMANDS if f"{name}.".startswith(f"{command}.")), name.split(".")[0])


def imported(module: str) -> set[str]:
    """The full names of everything a module imports, inside its functions too."""
    tree = ast.parse((ROOT / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively in line {node.lineno}; write the full name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def parts_imported(module: str) -> set[str]:
    """The parts of this package that a module imports, its own left out."""
    ours = {name.removeprefix("acai_ray.") for name in imported(module) if name.startswith("acai_ray.")}
    return {part_of(name) for name in ours} - {part_of(module)}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_level(module: str) -> None:
    assert part_of(module) in LEVEL, f"acai_ray.{module} has no level; give it one in {Path(__file__).name}"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_lower_levels_only(module: str) -> None:
    own = part_of(module)
    wrong = sorted(part for part in parts_imported(module) if LEVEL.get(part, len(LEVELS)) >= LEVEL[own])
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


@pytest.mark.parametrize("part", NARROW)
def test_a_narrow_part_imports_only_what_it_may(part: str) -> None:
    for module in (module for module in MODULES if part_of(module) == part):
        wrong = sorted(parts_imported(module) - NARROW[part])
        allowed = ", ".join(sorted(NARROW[part])) or "nothing"
        assert not wrong, f"acai_ray.{module} imports {', '.join(wrong)}; of this package {part} may import {allowed}"


@pytest.mark.parametrize("module", MODULES)
def test_only_the_sweep_layer_imports_ray(module: str) -> None:
    if module not in SWEEP_LAYER:
        ray = sorted(name for name in imported(module) if name.split(".")[0] == "ray")
        assert not ray, f"acai_ray.{module} imports {', '.join(ray)}; only {', '.join(sorted(SWEEP_LAYER))} may"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_a_command(module: str) -> None:
    wrong = sorted(parts_imported(module) & set(COMMANDS))
    assert not wrong, f"acai_ray.{module} imports the command {', '.join(wrong)}; move what it needs out of there"


def loaded_by(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after a statement."""
    program = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True, cwd=ROOT.parent
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import acai_ray", {"ray", "torch", "pandas", "numpy", "optuna", "matplotlib"}),
        ("import acai_ray.store", {"ray", "torch", "optuna", "matplotlib"}),
        ("import acai_ray.analysis.__main__, acai_ray.analysis.command", {"ray", "torch", "optuna"}),
        ("import acai_ray.experiment", {"ray", "optuna", "matplotlib"}),
        ("import acai_ray.tune, acai_ray.train", {"ray", "torch", "pandas", "optuna"}),
        ("import acai_ray.data", {"ray", "torch", "pandas", "optuna", "matplotlib", "numpy"}),
        ("import acai_ray.inspection, acai_ray.preview", {"ray", "torch", "optuna"}),
    ],
)
def test_what_an_import_leaves_alone(statement: str, absent: set[str]) -> None:
    found = sorted(loaded_by(statement) & absent)
    assert not found, f"`{statement}` loads {', '.join(found)}, which it must leave alone"


def test_the_public_names_are_there() -> None:
    program = "import acai_ray; [getattr(acai_ray, name) for name in acai_ray.__all__]"
    assert "torch" in loaded_by(program)
