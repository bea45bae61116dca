"""What the modules of the package import, read from their source."""

import ast
from functools import cache
from pathlib import Path

import acai_ray

PACKAGE = Path(acai_ray.__file__).parent

MODULES = sorted(".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py"))
MODULES.remove("__init__")


def imported(module: str) -> set[str]:
    """The full names of everything a module imports."""
    return imported_by((PACKAGE / Path(*module.split("."))).with_suffix(".py"))


@cache
def imported_by(file: Path) -> set[str]:
    """The full names of everything a file imports, inside its functions too."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively in line {node.lineno}; write the full name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names
