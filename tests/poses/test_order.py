"""The order of the modules in `acai_ray.poses`: from what poses are, to one file's reader, to the command line."""

import pytest

from tests.helpers.imports import MODULES, imported

LEVELS = (
    ("derived_joints",),
    ("joint_sets",),
    ("options", "index", "shapes", "natural_order", "bending", "body_checks", "other_forms"),
    ("splits", "cameras", "checks"),
    ("recording", "pose_set", "untrusted", "people_checks"),
    ("rates", "views", "bodies", "people", "names"),
    ("folds", "instants"),
    ("readers", "selection"),
    ("formats", "conversion"),
    ("loading",),
    ("reading", "writing", "description", "command_options"),
)
"""From the ground up; `untrusted` opens files for every reader and knows none of them."""

LEVEL = {part: number for number, parts in enumerate(LEVELS) for part in parts}
OURS = [module for module in MODULES if module.startswith("poses.") and module != "poses.__init__"]


@pytest.mark.parametrize("module", OURS)
def test_a_module_imports_from_lower_levels_only(module: str) -> None:
    own = module.split(".")[1]
    others = {name.split(".")[2] for name in imported(module) if name.startswith("acai_ray.poses.")} - {own}
    wrong = sorted(part for part in others if LEVEL.get(part, -1) >= LEVEL[own])
    assert not wrong, f"acai_ray.{module} imports {', '.join(wrong)}, not below it"
