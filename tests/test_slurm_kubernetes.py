"""The Slurm script and the Kubernetes manifest: our commands and versions accept them, and they keep their promises."""

import re
import shlex
import subprocess
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
import yaml

from acai_ray import tune

ROOT = Path(__file__).parent.parent
SCRIPT = (ROOT / "docs/clusters/slurm.sh").read_text(encoding="utf-8")
MANIFEST = (ROOT / "docs/clusters/kubernetes.yaml").read_text(encoding="utf-8")
PAGE = (ROOT / "docs/slurm-kubernetes.md").read_text(encoding="utf-8")
RAY = re.search(r"^ray==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
JOB, CLAIM, POLICY = (dict[str, Any](document) for document in yaml.safe_load_all(MANIFEST))
CLUSTER = JOB["spec"]["rayClusterSpec"]
HEAD = CLUSTER["headGroupSpec"]
(WORKERS,) = CLUSTER["workerGroupSpecs"]
PODS = [HEAD["template"], WORKERS["template"]]


def options_of(command: str) -> Namespace:
    """What `tune` understands of a command, which ends the test where it understands something not."""
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "acai_ray.tune"]
    return tune.parser().parse_args(words[3:])


def script_command() -> str:
    study = re.search(r"^study=\((.+)\) # YOURS", SCRIPT, re.MULTILINE)
    command = re.search(r"^(python -m acai_ray\.tune .+) &$", SCRIPT, re.MULTILINE)
    assert study
    assert command
    return command[1].replace('"${study[@]}"', study[1])


def test_bash_accepts_the_script() -> None:
    done = subprocess.run(["bash", "-n", ROOT / "docs/clusters/slurm.sh"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [script_command(), JOB["spec"]["entrypoint"]], ids=["slurm", "kubernetes"])
def test_tune_accepts_the_command(command: str) -> None:
    options = options_of(command)
    assert (options.space, options.gpus_per_trial) == ("wide", 0.25)
    assert options.storage, "several nodes need a storage that all of them reach"


def test_ray_accepts_what_the_script_starts_it_with() -> None:
    from ray.scripts import scripts

    known = {option for parameter in scripts.start.params for option in parameter.opts}
    start = SCRIPT[SCRIPT.index("  place=(") : SCRIPT.index("' > ")]
    used = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", start))
    assert {"--head", "--address", "--num-cpus", "--num-gpus"} <= used <= known


def test_slurm_signals_the_script_alone_with_what_it_waits_for_and_lets_it_come_again() -> None:
    options = re.findall(r"^#SBATCH (--\S+)", SCRIPT, re.MULTILINE)
    assert {"--signal=B:USR1@120", "--requeue", "--exclusive", "--open-mode=append"} <= set(options)
    assert re.search(r"^trap '.*kill -TERM \$driver' USR1", SCRIPT, re.MULTILINE)
    assert '((code != 130)) || scontrol requeue "$SLURM_JOB_ID"' in SCRIPT


def test_the_script_has_the_token_on_and_the_dashboard_on_loopback() -> None:
    assert "0.0.0.0" not in SCRIPT
    assert "--dashboard-host=127.0.0.1" in SCRIPT
    on, private = SCRIPT.index("export RAY_AUTH_MODE=token"), SCRIPT.index("chmod 600 ~/.ray/auth_token")
    assert max(on, private) < SCRIPT.index("srun ")
    assert "chmod 600 ~/.ray/auth_token" in PAGE


def test_the_versions_are_pinned() -> None:
    assert RAY
    assert CLUSTER["rayVersion"] == RAY[1]
    for install in re.findall(r"pip install .*", PAGE):
        assert re.search(r"-c \S*constraints\.txt", install)
    images = {container["image"] for pod in PODS for container in pod["spec"]["containers"]}
    assert len(images) == 1
    assert images.pop() in re.findall(r"docker build -t (\S+)", PAGE)


def test_the_head_takes_no_trials_and_workers_come_from_zero() -> None:
    assert (HEAD["rayStartParams"]["num-cpus"], HEAD["rayStartParams"]["num-gpus"]) == ("0", "0")
    assert CLUSTER["enableInTreeAutoscaling"] is True
    assert (WORKERS["replicas"], WORKERS["minReplicas"]) == (0, 0)
    (worker,) = WORKERS["template"]["spec"]["containers"]
    gpus = int(worker["resources"]["limits"]["nvidia.com/gpu"])
    options = options_of(JOB["spec"]["entrypoint"])
    assert options.max_concurrent == WORKERS["maxReplicas"] * gpus / options.gpus_per_trial
    assert int(worker["resources"]["limits"]["cpu"]) >= options.cpus_per_trial * gpus / options.gpus_per_trial


def test_every_pod_of_the_cluster_has_the_token_and_asks_for_what_it_takes() -> None:
    assert CLUSTER["authOptions"] == {"mode": "token", "secretName": "acai-ray-token"}
    assert f"create secret generic {CLUSTER['authOptions']['secretName']} --from-literal=auth_token=" in PAGE
    for pod in PODS:
        (container,) = pod["spec"]["containers"]
        assert {"name": "RAY_AUTH_MODE", "value": "token"} in container["env"]
        for kind in ("requests", "limits"):
            assert {"cpu", "memory"} <= container["resources"][kind].keys()


def test_nothing_of_the_cluster_is_reached_from_outside() -> None:
    assert HEAD["serviceType"] == "ClusterIP"
    for word in ("LoadBalancer", "NodePort", "Ingress\n", "enableIngress", "hostPort", "hostNetwork", "0.0.0.0"):
        assert word not in MANIFEST
    for pod in PODS:
        assert POLICY["spec"]["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    own, operator = POLICY["spec"]["ingress"]
    assert own["from"] == [{"podSelector": POLICY["spec"]["podSelector"]}]
    assert operator["ports"] == [{"port": 8265}]


def test_the_cluster_ends_with_the_study_and_the_tables_stay() -> None:
    assert JOB["spec"]["shutdownAfterJobFinishes"] is True
    results = options_of(JOB["spec"]["entrypoint"]).results
    (head,) = HEAD["template"]["spec"]["containers"]
    (volume,) = HEAD["template"]["spec"]["volumes"]
    assert {"name": volume["name"], "mountPath": str(results)} in head["volumeMounts"]
    assert volume["persistentVolumeClaim"]["claimName"] == CLAIM["metadata"]["name"]


@pytest.mark.parametrize(("text", "places"), [(SCRIPT, 5), (MANIFEST, 4)], ids=["slurm", "kubernetes"])
def test_every_place_to_fill_in_is_marked(text: str, places: int) -> None:
    numbers = re.findall(r"# YOURS \((\d)\)", text)
    assert sorted(map(int, numbers)) == list(range(1, places + 1))
