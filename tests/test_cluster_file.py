"""`cluster.yaml`: what Ray's own check says, and the promises about safety and cost."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "cluster.yaml").read_text(encoding="utf-8")
CLUSTER: dict[str, Any] = yaml.safe_load(TEXT)
HEAD = CLUSTER["available_node_types"][CLUSTER["head_node_type"]]
WORKERS = {name: node for name, node in CLUSTER["available_node_types"].items() if name != CLUSTER["head_node_type"]}
SETUP = CLUSTER["setup_commands"]
STARTS = [
    command
    for kind in ("head_start_ray_commands", "worker_start_ray_commands")
    for command in CLUSTER[kind]
    if "ray start" in command
]


def prepared() -> dict[str, Any]:
    try:
        from ray.autoscaler._private.util import prepare_config, validate_config
    except ImportError:
        pytest.skip("this Ray keeps its check of cluster files elsewhere, and it is a private function")
    config: dict[str, Any] = prepare_config(copy.deepcopy(CLUSTER))
    validate_config(config)
    return config


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ray's own, while its autoscaler is imported
def test_ray_accepts_the_file() -> None:
    config = prepared()
    assert config["available_node_types"]["worker"]["min_workers"] == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nothing_dangerous_comes_in_by_default() -> None:
    config = prepared()
    commands = [command for key, value in config.items() if key.endswith("_commands") for command in value]
    assert not [command for command in commands if "0.0.0.0" in command]
    assert not [command for command in commands if "http" in command]


def test_every_node_starts_ray_with_token_authentication() -> None:
    assert len(STARTS) == 2
    for command in STARTS:
        assert re.search(r"\bRAY_AUTH_MODE=token ray start\b", command), f"no token authentication in: {command}"


def test_the_token_is_copied_and_kept_private() -> None:
    assert "~/.ray/auth_token" in CLUSTER["file_mounts"]
    assert "chmod 600 ~/.ray/auth_token" in SETUP[0]
    assert any("RAY_AUTH_MODE=token" in command and ".bashrc" in command for command in SETUP)


def test_the_dashboard_stays_on_loopback_and_nothing_listens_everywhere() -> None:
    head = next(command for command in STARTS if "--head" in command)
    assert "--dashboard-host=127.0.0.1" in head
    assert "0.0.0.0" not in TEXT


def test_no_port_but_ssh_is_opened() -> None:
    assert "security_group" not in CLUSTER["provider"]
    assert "IpPermissions" not in TEXT
    assert CLUSTER["auth"].keys() == {"ssh_user"}


def test_workers_are_spot_and_leave_when_idle() -> None:
    assert WORKERS
    for worker in WORKERS.values():
        assert worker["min_workers"] == 0
        assert worker["node_config"]["InstanceMarketOptions"] == {"MarketType": "spot"}
        assert worker["resources"]["GPU"] >= 1
    assert 0 < CLUSTER["idle_timeout_minutes"] <= 30


def test_the_head_is_no_spot_node_and_takes_no_trials() -> None:
    assert "InstanceMarketOptions" not in HEAD["node_config"]
    assert HEAD["resources"] == {"CPU": 0}
    assert HEAD["max_workers"] == 0
    assert any("--head" in command and "--num-cpus=0" in command for command in STARTS)


def test_the_image_is_one_pinned_id() -> None:
    images = {node["node_config"]["ImageId"] for node in CLUSTER["available_node_types"].values()}
    assert len(images) == 1
    assert re.fullmatch(r"ami-[0-9a-f]{17}", images.pop())


def test_versions_are_pinned_and_the_program_is_shipped() -> None:
    assert any("pip install" in command and "-c ~/acai-ray/constraints.txt" in command for command in SETUP)
    local = [path for path in CLUSTER["file_mounts"].values() if not path.startswith("~")]
    assert {"acai_ray", "search_spaces", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"} == set(local)
    for path in local:
        assert (ROOT / path).exists(), f"cluster.yaml ships {path}, which is not there"


def test_the_head_knows_its_cluster_and_storage_is_named_once() -> None:
    assert any("RAY_ADDRESS=" in command for command in CLUSTER["head_setup_commands"])
    assert len(re.findall(r"s3://", TEXT)) == 1


def test_every_place_to_fill_in_is_marked() -> None:
    numbers = re.findall(r"YOURS \((\d)\)", TEXT)
    assert numbers == ["1", "2", "3", "4", "5"]
    assert "five lines marked YOURS" in TEXT
