"""The manual from `ray up` to `ray down` on machines of one's own, which are namespaces."""

from typing import Any

import pytest

from tests.helpers.ray_up import assert_each_command_ended_well, facts_of, needs_machines

pytestmark = [pytest.mark.slow, needs_machines]


@pytest.fixture(scope="module")
def own() -> dict[str, Any]:
    """The facts of the whole way on three machines, one of which goes away in mid-training."""
    return facts_of("own")


def test_each_command_ends_well(own: dict[str, Any]) -> None:
    assert_each_command_ended_well(own)


def test_the_fetched_study_is_that_of_one_machine_left_alone(own: dict[str, Any]) -> None:
    assert own["differences"] == []


def test_nothing_is_left_running(own: dict[str, Any]) -> None:
    assert own["left"] == []


def test_a_lost_machine_is_left_for_others(own: dict[str, Any]) -> None:
    assert own["left_at_work"] in ("machine11", "machine12")
    assert own["left_at_work"] not in own["nodes"], "others finished what it had begun"
