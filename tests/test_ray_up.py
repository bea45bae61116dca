"""The manual from `ray up` to `ray down`, on a simulated AWS and on machines of one's own, which all are namespaces.

Both ways are mostly waiting, so they are gone at the same time, and this file keeps one of xdist's workers from others.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.helpers.machines import CLIENT
from tests.helpers.ray_up import assert_each_command_ended_well, facts_of, needs_machines
from tests.helpers.said import complaints

pytestmark = [pytest.mark.slow, needs_machines]

Facts = dict[str, Any]


@pytest.fixture(scope="module")
def ways(request: pytest.FixtureRequest) -> Iterator[dict[str, "Future[Facts]"]]:
    """The ways that tests of this file ask for, on which all have set out."""
    asked = {name for item in request.session.items if item.path == request.path for name in item.fixturenames}
    with ThreadPoolExecutor() as pool:
        yield {case: pool.submit(facts_of, case) for case in ("aws", "own") if case in asked}


@pytest.fixture(scope="module")
def aws(ways: dict[str, "Future[Facts]"]) -> Facts:
    """The facts of the whole way: a worker is taken away in mid-training."""
    return ways["aws"].result()


@pytest.fixture(scope="module")
def own(ways: dict[str, "Future[Facts]"]) -> Facts:
    """The facts of the whole way on three machines, one of which goes away in mid-training."""
    return ways["own"].result()


class TestOnAws:
    def test_each_command_ends_well(self, aws: Facts) -> None:
        assert_each_command_ended_well(aws)

    def test_the_fetched_study_is_analysed(self, aws: Facts) -> None:
        assert aws["analysis"][0] == 0
        assert aws["report"]

    def test_the_fetched_study_is_that_of_one_machine_left_alone(self, aws: Facts) -> None:
        assert aws["differences"] == []

    def test_nothing_is_left_running(self, aws: Facts) -> None:
        assert aws["left"] == []

    def test_spot_gpu_workers_come_from_zero_and_leave(self, aws: Facts) -> None:
        assert (aws["workers_at_first"], aws["workers_at_last"]) == (0, 0), "none before the study, and none after it"
        head, *workers = aws["instances"]
        assert "InstanceLifecycle" not in head
        assert len(workers) >= 2, "one came for the trials, another after the first was lost"
        assert {(worker["InstanceType"], worker["InstanceLifecycle"]) for worker in workers} == {("g5.xlarge", "spot")}

    def test_only_ssh_from_the_given_addresses_is_open(self, aws: Facts) -> None:
        group = aws["outputs"]["SecurityGroup"]
        assert {found["GroupId"] for instance in aws["instances"] for found in instance["SecurityGroups"]} == {group}
        ssh, between = aws["group"]
        assert (ssh["FromPort"], ssh["ToPort"], ssh["IpProtocol"]) == (22, 22, "tcp")
        assert [network["CidrIp"] for network in ssh["IpRanges"]] == [f"{CLIENT}/32"]
        assert ssh["Ipv6Ranges"] == ssh["UserIdGroupPairs"] == ssh["PrefixListIds"] == []
        assert [pair["GroupId"] for pair in between["UserIdGroupPairs"]] == [group]
        assert between["IpRanges"] == between["Ipv6Ranges"] == between["PrefixListIds"] == []

    def test_the_image_and_the_profiles_are_those_of_the_file(self, aws: Facts) -> None:
        head, *workers = aws["instances"]
        assert {instance["ImageId"] for instance in aws["instances"]} == {"ami-0123456789abcdef0"}
        assert head["IamInstanceProfile"]["Arn"].endswith("/acai-ray-head")
        assert all(worker["IamInstanceProfile"]["Arn"].endswith("/acai-ray-worker") for worker in workers)
        assert all(instance["MetadataOptions"]["HttpTokens"] == "required" for instance in aws["instances"])


class TestStrangers:
    def test_the_dashboard_is_not_reached_from_elsewhere(self, aws: Facts) -> None:
        assert aws["strangers"]["dashboard_from_elsewhere"] == 7, "curl must be refused the connection"

    def test_the_dashboard_answers_the_token_only(self, aws: Facts) -> None:
        assert "status:401" in aws["strangers"]["dashboard_without_token"]
        assert "status:200" in aws["strangers"]["dashboard_with_token"]

    def test_a_job_is_refused(self, aws: Facts) -> None:
        code, text = aws["strangers"]["job_without_token"]
        assert code != 0
        assert "AuthenticationError" in text

    @pytest.mark.parametrize("name", ["tune_without_token", "tune_with_another_token"])
    def test_a_study_is_refused_in_one_sentence(self, aws: Facts, name: str) -> None:
        code, text = aws["strangers"][name]
        assert code == 2
        assert len(complaints(text)) == 1, text
        assert "check RAY_AUTH_MODE and the token" in text


class TestOnOwnMachines:
    def test_each_command_ends_well(self, own: Facts) -> None:
        assert_each_command_ended_well(own)

    def test_the_fetched_study_is_that_of_one_machine_left_alone(self, own: Facts) -> None:
        assert own["differences"] == []

    def test_nothing_is_left_running(self, own: Facts) -> None:
        assert own["left"] == []

    def test_a_lost_machine_is_left_for_others(self, own: Facts) -> None:
        assert own["left_at_work"] in ("machine11", "machine12")
        assert own["left_at_work"] not in own["nodes"], "others finished what it had begun"
