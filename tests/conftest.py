"""What all tests share: one CPU thread, a small set of synthetic people, and an order in which no worker waits long."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

from acai_ray import poses
from tests.helpers.small_poses import small_poses, without_split

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("the same each time", patient, derandomize=True)
settings.register_profile("explore", patient)  # CONTRIBUTING.md says when
settings.load_profile("the same each time")
torch.set_num_threads(1)  # the cores are shared; more threads than cores are far slower

LONGEST_FIRST = (
    "tests/test_ray_up.py",
    "tests/sweep/test_faults.py",
    "tests/sweep/test_study.py",
    "tests/sweep/test_stopped_studies.py",
    "tests/test_lowest_versions.py",
    "tests/test_readme.py",
    "tests/test_docs.py",
    "tests/sweep/test_nodes.py",
    "tests/sweep/test_many_trials.py",
    "tests/lines/test_lines.py",
    "tests/training/test_compiled.py",
    "tests/training/test_every_network.py",
    "tests/analysis/test_page_in_browser.py",
    "tests/poses/test_mutations.py",
)
"""Files that take about a minute or more. They are begun first, so that none is left for one worker at the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep the order below: by itself xdist begins with the files that have the most tests, which are short ones."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    place = {config.rootpath / name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(scope="session", autouse=True)
def quick_disk() -> Iterator[None]:
    """What tests write need not outlast a power failure; waiting for the disk is half the time of a small study."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session")
def pose_set() -> poses.PoseSet:
    return small_poses()


@pytest.fixture(scope="session")
def pose_set_without_valid(pose_set: poses.PoseSet) -> poses.PoseSet:
    return without_split(pose_set, "valid")


@pytest.fixture(scope="session")
def cmu17() -> poses.PoseSet:
    """Real poses, where `ACAI_CMU17` names their folder."""
    if "ACAI_CMU17" not in os.environ:
        pytest.skip("ACAI_CMU17 does not name the cmu17 folder")
    return poses.load(Path(os.environ["ACAI_CMU17"]))
