"""The files for `ray up`: what Ray's own check says, and the promises about safety and cost."""

import copy
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FILES = {
    "aws": ROOT / "cluster.yaml",
    "gcp": ROOT / "docs" / "clusters" / "gcp.yaml",
    "own": ROOT / "docs" / "clusters" / "own-machines.yaml",
}
ONCE = ROOT / "docs" / "clusters" / "aws-once.yaml"
MARKS = {"aws": "four", "gcp": "five", "own": "five"}
WORDS = {"four": 4, "five": 5}


@pytest.fixture(params=FILES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def text(kind: str) -> str:
    return FILES[kind].read_text(encoding="utf-8")


@pytest.fixture
def cluster(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@pytest.fixture
def aws() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILES["aws"].read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def once() -> str:
    return ONCE.read_text(encoding="utf-8")


def starts(cluster: dict[str, Any]) -> list[str]:
    kinds = ("head_start_ray_commands", "worker_start_ray_commands")
    return [command for kind in kinds for command in cluster[kind] if "ray start" in command]


def head_of(cluster: dict[str, Any]) -> dict[str, Any]:
    head: dict[str, Any] = cluster["available_node_types"][cluster["head_node_type"]]
    return head


def workers_of(cluster: dict[str, Any]) -> list[dict[str, Any]]:
    types = cluster["available_node_types"]
    return [types[name] for name in types if name != cluster["head_node_type"]]


@pytest.fixture
def prepared(cluster: dict[str, Any]) -> dict[str, Any]:
    try:
        from ray.autoscaler._private.util import prepare_config, validate_config
    except ImportError:
        pytest.skip("this Ray keeps its check of cluster files elsewhere, and it is a private function")
    config: dict[str, Any] = prepare_config(copy.deepcopy(cluster))
    validate_config(config)
    return config


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ray's own, while its autoscaler is imported
class TestAll:
    def test_ray_accepts_it_and_brings_nothing_dangerous(self, prepared: dict[str, Any]) -> None:
        commands = [command for key, value in prepared.items() if key.endswith("_commands") for command in value]
        assert not [command for command in commands if "0.0.0.0" in command]
        assert not [command for command in commands if re.search("https?:", command)]

    def test_every_node_starts_ray_with_token_authentication(self, cluster: dict[str, Any]) -> None:
        assert len(starts(cluster)) == 2
        for command in starts(cluster):
            assert re.search(r"\bRAY_AUTH_MODE=token [\w= ]*ray start\b", command), f"no token in: {command}"

    def test_the_token_is_copied_and_kept_private(self, cluster: dict[str, Any]) -> None:
        assert "~/.ray/auth_token" in cluster["file_mounts"]
        assert "chmod 600 ~/.ray/auth_token" in cluster["setup_commands"][0]
        assert any("RAY_AUTH_MODE=token" in command and ".bashrc" in command for command in cluster["setup_commands"])

    def test_the_dashboard_stays_on_loopback_and_nothing_listens_everywhere(
        self, cluster: dict[str, Any], text: str
    ) -> None:
        head = next(command for command in starts(cluster) if "--head" in command)
        assert "--dashboard-host=127.0.0.1" in head
        assert "0.0.0.0" not in text

    def test_versions_are_pinned_and_the_program_is_shipped(self, cluster: dict[str, Any]) -> None:
        installs = [command for command in cluster["setup_commands"] if "pip install" in command]
        assert installs
        assert all("-c ~/acai-ray/constraints.txt" in command for command in installs)
        local = [path for path in cluster["file_mounts"].values() if not path.startswith("~")]
        assert {"acai_ray", "search_spaces", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"} == set(local)
        for path in local:
            assert (ROOT / path).exists(), f"{path} is shipped, and is not there"

    def test_the_head_knows_its_cluster_and_storage_is_named_once(self, cluster: dict[str, Any], text: str) -> None:
        assert any("RAY_ADDRESS=" in command for command in cluster["head_setup_commands"])
        assert len(re.findall(r"ACAI_STORAGE=", text)) == 1

    def test_every_place_to_fill_in_is_marked(self, kind: str, text: str) -> None:
        numbers = re.findall(r"YOURS \((\d)\)", text)
        assert numbers == [str(number + 1) for number in range(WORDS[MARKS[kind]])]
        manual = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
        assert f"the {MARKS[kind]} lines marked `YOURS`" in manual


class TestAws:
    def test_no_port_but_ssh_is_opened(self, aws: dict[str, Any]) -> None:
        assert "security_group" not in aws["provider"], "Ray would open SSH to everybody"
        assert all(node["node_config"]["SecurityGroupIds"] for node in aws["available_node_types"].values())
        assert aws["auth"].keys() == {"ssh_user"}

    def test_the_security_group_has_no_default_for_who_may_log_in(self, once: str) -> None:
        who = once[once.index("  SshFrom:") : once.index("Resources:")]
        assert "Default" not in who
        assert "0.0.0.0" not in once
        pattern = re.search(r"AllowedPattern: '(.+?)'", who)
        assert pattern
        assert re.fullmatch(pattern[1], "203.0.113.7/32")
        assert not re.fullmatch(pattern[1], "0.0.0.0/0")

    def test_the_stack_has_what_the_cluster_names(self, aws: dict[str, Any], once: str) -> None:
        for node in aws["available_node_types"].values():
            assert f"InstanceProfileName: {node['node_config']['IamInstanceProfile']['Name']}" in once
        assert not re.search(r"[:\[ ][&*]\w", once.replace('"*"', "")), "CloudFormation knows no aliases"

    def test_the_stack_has_the_fields_that_aws_knows(self) -> None:
        lint = [str(Path(sys.executable).with_name("cfn-lint")), "--regions", "us-west-2", "--", str(ONCE)]
        done = subprocess.run(lint, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_workers_are_spot_and_leave_when_idle(self, aws: dict[str, Any]) -> None:
        assert workers_of(aws)
        for worker in workers_of(aws):
            assert worker["min_workers"] == 0
            assert worker["node_config"]["InstanceMarketOptions"] == {"MarketType": "spot"}
            assert worker["resources"]["GPU"] >= 1
        assert 0 < aws["idle_timeout_minutes"] <= 30

    def test_disks_end_with_their_machine(self, aws: dict[str, Any]) -> None:
        for node in aws["available_node_types"].values():
            assert all(disk["Ebs"]["DeleteOnTermination"] for disk in node["node_config"]["BlockDeviceMappings"])

    def test_the_head_is_no_spot_node_and_takes_no_trials(self, aws: dict[str, Any]) -> None:
        head = head_of(aws)
        assert "InstanceMarketOptions" not in head["node_config"]
        assert head["resources"] == {"CPU": 0}
        assert head["max_workers"] == 0
        assert any("--head" in command and "--num-cpus=0" in command for command in starts(aws))

    def test_the_image_is_one_pinned_id(self, aws: dict[str, Any]) -> None:
        images = {node["node_config"]["ImageId"] for node in aws["available_node_types"].values()}
        assert len(images) == 1
        assert re.fullmatch(r"ami-[0-9a-f]{17}", images.pop())


class TestGcp:
    @pytest.fixture
    def gcp(self) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load(FILES["gcp"].read_text(encoding="utf-8"))
        return loaded

    def test_it_has_the_same_nodes_as_on_aws(self, gcp: dict[str, Any], aws: dict[str, Any]) -> None:
        for name, node in gcp["available_node_types"].items():
            twin = aws["available_node_types"][name]
            assert {key: node.get(key) for key in ("resources", "min_workers", "max_workers")} == {
                key: twin.get(key) for key in ("resources", "min_workers", "max_workers")
            }
        for key in ("max_workers", "idle_timeout_minutes", "setup_commands", "head_start_ray_commands", "file_mounts"):
            assert gcp[key] == aws[key]

    def test_workers_are_spot_and_end_with_their_disks(self, gcp: dict[str, Any]) -> None:
        (worker,) = workers_of(gcp)
        scheduling = worker["node_config"]["scheduling"]
        assert (scheduling["provisioningModel"], scheduling["instanceTerminationAction"]) == ("SPOT", "DELETE")
        assert "scheduling" not in head_of(gcp)["node_config"]
        for node in gcp["available_node_types"].values():
            assert all(disk["autoDelete"] for disk in node["node_config"]["disks"])

    def test_it_is_called_untested(self) -> None:
        assert "It has never run" in FILES["gcp"].read_text(encoding="utf-8")
        assert "`docs/clusters/gcp.yaml`" in (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
