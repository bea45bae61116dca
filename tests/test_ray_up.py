"""The manual from `ray up` to `ray down`, on a simulated AWS and on own machines, all of them namespaces."""

import json
import subprocess
import tempfile
from typing import Any

import pytest

from tests.helpers.pages import ROOT

try:
    import boto3  # noqa: F401
    import moto  # noqa: F401

    from tests.helpers.machines import CLIENT, in_namespaces, why_not
except ImportError as error:
    pytest.skip(f"{error.name} is not installed", allow_module_level=True)

PROGRAM = "tests.helpers.run_ray_up"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(why_not()), reason=why_not())]


def done(case: str) -> dict[str, Any]:
    # pytest's own folders have long names, but a socket's path, below this one, has at most 107 characters
    with tempfile.TemporaryDirectory(prefix=case) as folder:
        ran = subprocess.run(
            in_namespaces(PROGRAM, case, folder), capture_output=True, text=True, timeout=1500, cwd=ROOT
        )
    assert ran.returncode == 0, ran.stderr[-5000:]
    facts: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return facts


@pytest.fixture(scope="module")
def aws() -> dict[str, Any]:
    """The facts of the whole way on the simulated AWS: a worker is taken away in mid-training."""
    return done("aws")


@pytest.fixture(scope="module")
def own() -> dict[str, Any]:
    """The facts of the whole way on three machines, one of which goes away in mid-training."""
    return done("own")


@pytest.fixture(params=["aws", "own"])
def facts(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue(request.param)
    return found


class TestTheWholeWay:
    def test_each_command_ends_well(self, facts: dict[str, Any]) -> None:
        commands = ("up", "data", "exec", "progress", "analysis", "down")
        assert {name: facts[name][0] for name in commands} == dict.fromkeys(commands, 0)
        assert "of 4 trials done" in facts["progress"][1]
        assert facts["report"]

    def test_the_fetched_study_is_that_of_one_machine_left_alone(self, facts: dict[str, Any]) -> None:
        assert facts["differences"] == []

    def test_nothing_is_left_running(self, facts: dict[str, Any]) -> None:
        assert facts["left"] == []


class TestStrangers:
    def test_the_dashboard_is_not_reached_from_elsewhere(self, aws: dict[str, Any]) -> None:
        assert aws["strangers"]["dashboard_from_elsewhere"] == 7, "curl must be refused the connection"

    def test_the_dashboard_answers_the_token_only(self, aws: dict[str, Any]) -> None:
        assert "status:401" in aws["strangers"]["dashboard_without_token"]
        assert "status:200" in aws["strangers"]["dashboard_with_token"]

    def test_a_job_is_refused(self, aws: dict[str, Any]) -> None:
        code, text = aws["strangers"]["job_without_token"]
        assert code != 0
        assert "AuthenticationError" in text

    @pytest.mark.parametrize("name", ["tune_without_token", "tune_with_another_token"])
    def test_a_study_is_refused_in_one_sentence(self, aws: dict[str, Any], name: str) -> None:
        code, text = aws["strangers"][name]
        assert code == 2
        assert len(text.splitlines()) == 1, text
        assert "check RAY_AUTH_MODE and the token" in text


class TestOnAws:
    def test_spot_gpu_workers_come_from_zero_and_leave(self, aws: dict[str, Any]) -> None:
        assert aws["workers_at_first"] == 0
        head, *workers = aws["instances"]
        assert "InstanceLifecycle" not in head
        assert len(workers) >= 2, "one came for the trials, another after the first was lost"
        assert {(worker["InstanceType"], worker["InstanceLifecycle"]) for worker in workers} == {("g5.xlarge", "spot")}
        assert aws["seconds_to_leave"] < 120

    def test_only_ssh_from_the_given_addresses_is_open(self, aws: dict[str, Any]) -> None:
        group = aws["outputs"]["SecurityGroup"]
        assert {found["GroupId"] for instance in aws["instances"] for found in instance["SecurityGroups"]} == {group}
        ssh, between = aws["group"]
        assert (ssh["FromPort"], ssh["ToPort"], ssh["IpProtocol"]) == (22, 22, "tcp")
        assert [network["CidrIp"] for network in ssh["IpRanges"]] == [f"{CLIENT}/32"]
        assert ssh["Ipv6Ranges"] == ssh["UserIdGroupPairs"] == ssh["PrefixListIds"] == []
        assert [pair["GroupId"] for pair in between["UserIdGroupPairs"]] == [group]
        assert between["IpRanges"] == between["Ipv6Ranges"] == between["PrefixListIds"] == []

    def test_the_image_and_the_profiles_are_those_of_the_file(self, aws: dict[str, Any]) -> None:
        head, *workers = aws["instances"]
        assert {instance["ImageId"] for instance in aws["instances"]} == {"ami-0123456789abcdef0"}
        assert head["IamInstanceProfile"]["Arn"].endswith("/acai-ray-head")
        assert all(worker["IamInstanceProfile"]["Arn"].endswith("/acai-ray-worker") for worker in workers)
        assert all(instance["MetadataOptions"]["HttpTokens"] == "required" for instance in aws["instances"])


def test_on_own_machines_a_lost_one_is_left_for_others(own: dict[str, Any]) -> None:
    assert own["left_at_work"] in ("machine11", "machine12")
    assert own["left_at_work"] not in own["nodes"], "others finished what it had begun"
