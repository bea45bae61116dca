"""docs/cluster.md done for real, as a program: `run_ray_up.py aws|own FOLDER`, in namespaces of its own.

`aws`: moto answers Ray's calls, and for every instance it knows a machine is booted that Ray logs into. `own`: three
machines are there already. Prints facts as JSON; what happens is told on stderr.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import yaml

from acai_ray import store
from acai_ray.sweep.private_ray import TOO_SLOW
from tests.helpers.kills import differing_tables
from tests.helpers.machines import CLIENT, Machines, run
from tests.helpers.pages import ROOT

CLOUD, REGION = f"http://{CLIENT}:5000", "us-west-2"
KEYS = {"AWS_ENDPOINT_URL": CLOUD, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
SIZES = {"aws": [4], "own": [4, 8]}
"""Latent sizes of each case's study. One's own machines train on the head as well, and those that may go need work."""
SPACE = {
    "seeds": 2,
    "controls": False,
    "trial": {"epochs": 20, "steps_per_epoch": 60, "width": 32},  # so many that it lasts until a machine is lost
    "evaluation": {"pairs": 20, "generated": 60, "targets": 30, "critic_draws": 50, "gallery": 4}
    | {"person_poses": 10, "person_draws": 2},
    "data_options": {"every": 20},
}
PATIENCE_S = 1800.0
"""Longer than any step takes, even on a busy machine."""
TWO_CPUS = """export RAY_OVERRIDE_RESOURCES='{"CPU": 2}'"""
"""So that no machine of one's own can take all trials, however many CPUs there are."""
ASK = "curl -s -o /dev/null -w status:%{http_code} http://127.0.0.1:8265/api/jobs/"
"""Asks for the dashboard's status code, on the head."""


class Cloud(threading.Thread):
    """Boots a machine for every instance that AWS has begun, and stops those it has ended."""

    def __init__(self, machines: Machines, key: Path) -> None:
        super().__init__(daemon=True)
        self.machines, self.key, self.ec2 = machines, key, boto3.client("ec2", REGION)
        self.seen: dict[str, dict[str, Any]] = {}

    def run(self) -> None:
        while True:
            for instance in self.instances():
                self.follow(instance)
            time.sleep(1)

    def instances(self) -> list[dict[str, Any]]:
        pages = self.ec2.describe_instances()["Reservations"]
        return [instance for page in pages for instance in page["Instances"]]

    def follow(self, instance: dict[str, Any]) -> None:
        name, running = instance["InstanceId"], instance["State"]["Name"] == "running"
        if running:
            self.seen[name] = instance  # each time: at first sight it may still lack its profile
        if running and name not in self.machines.running:
            addresses = [instance["PrivateIpAddress"], instance["PublicIpAddress"]]
            self.machines.boot(name, addresses, run("ssh-keygen", "-y", "-f", str(self.key)))
        if not running and name in self.machines.running:
            self.machines.stop(name)

    def running(self, lifecycle: str | None) -> set[str]:
        """Ids of the running instances of a kind: `spot`, or none for the head."""
        return {
            instance["InstanceId"]
            for instance in self.instances()
            if instance["State"]["Name"] == "running" and instance.get("InstanceLifecycle") == lifecycle
        }


def until(true: Callable[[], Any], what: str) -> None:
    """Wait.

    Raises:
        RuntimeError: it took too long.
    """
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > PATIENCE_S:
            raise RuntimeError(f"waited {PATIENCE_S} s, but not: {what}")
        time.sleep(1)
    print(f"{what} after {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def ended(command: str, **environment: str) -> tuple[int, str]:
    """How a command ends that may fail, and what it says."""
    print(f"$ {command}", file=sys.stderr, flush=True)
    done = subprocess.run(
        command,
        shell=True,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    print(done.stdout + done.stderr, file=sys.stderr, flush=True)
    return done.returncode, done.stdout + done.stderr


def up(cluster: str) -> tuple[int, str]:
    """How `ray up` ends; a second time where a busy machine was too slow for Ray's patience, as the command says."""
    code, said = ended(f"ray up -y {cluster}")
    return ended(f"ray up -y {cluster}") if code and TOO_SLOW in said else (code, said)


def answers(url: str) -> bool:
    """Whether a server is there."""
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
        return True
    return False


def project(folder: Path, cluster: str, mine: dict[str, str], sizes: list[int]) -> None:
    """A checkout in which the lines marked YOURS are filled in, with a small space."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__", "results"))
    path = folder / cluster
    text = path.read_text(encoding="utf-8")
    for placeholder, value in mine.items():
        if placeholder not in text:
            raise RuntimeError(f"{cluster} must have {placeholder}")
        text = text.replace(placeholder, value)
    path.write_text(text, encoding="utf-8")
    space = SPACE | {"grid": {"latent_dim": sizes, "lambda": [0.1]}}
    (folder / "search_spaces" / "tiny.yaml").write_text(yaml.safe_dump(space), encoding="utf-8")
    os.chdir(folder)


def once() -> dict[str, str]:
    """The stack of docs/clusters/aws-once.yaml; returns its outputs."""
    stacks = boto3.client("cloudformation", REGION)
    stacks.create_stack(
        StackName="acai-ray",
        TemplateBody=(ROOT / "docs/clusters/aws-once.yaml").read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": "SshFrom", "ParameterValue": f"{CLIENT}/32"}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = stacks.describe_stacks(StackName="acai-ray")["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def status_in(results: Path) -> str:
    """How far the study in a folder of results is."""
    study = results / "tiny" / "study.json"
    return json.loads(study.read_text(encoding="utf-8"))["status"] if study.is_file() else "none"


def strangers(cluster: str, head: str) -> dict[str, Any]:
    """What somebody gets who reaches the head's ports, and has no token or a wrong one."""
    tune = f"python -m acai_ray.tune --space tiny --study stranger --address {head}:6379 --storage stranger"
    return {
        "dashboard_from_elsewhere": ended(f"curl -s -m 5 http://{head}:8265")[0],
        "dashboard_without_token": ended(f"ray exec {cluster} '{ASK}'")[1],
        "dashboard_with_token": ended(
            f"""ray exec {cluster} '{ASK} -H "Authorization: Bearer $(cat ~/.ray/auth_token)"'"""
        )[1],
        "job_without_token": ended(
            f"ray exec {cluster} 'RAY_AUTH_MODE=disabled ray job submit --address http://127.0.0.1:8265 -- true'"
        ),
        "tune_without_token": ended(tune, RAY_AUTH_MODE="disabled"),
        "tune_with_another_token": ended(tune, RAY_AUTH_TOKEN="0" * 64),
    }


def the_same_here(tune: str) -> list[str]:
    """In what the fetched study differs from one that was left alone on this machine."""
    ended(f"{tune} --results alone --max-concurrent 1")
    return differing_tables(store.load("alone/tiny"), store.load("results/tiny"))


def study_on(cluster: str, head: Path, options: str, meanwhile: Callable[[], None]) -> dict[str, Any]:
    """Bring poses, begin a study, let something happen, wait for its end and fetch it.

    The end is awaited in the home of the head's user, `head`, which costs nothing: each command of Ray takes seconds.
    """
    tune = "python -m acai_ray.tune --space tiny --data my_poses.parquet"
    ended("python -m acai_ray.data convert synthetic my_poses.parquet")
    facts: dict[str, Any] = {"data": ended(f"ray rsync-up {cluster} my_poses.parquet '~/my_poses.parquet'")}
    facts["exec"] = ended(f"ray exec {cluster} --tmux '{tune} {options}'")
    meanwhile()
    facts["progress"] = ended(f"ray exec {cluster} 'tmux capture-pane -p'")
    until(lambda: status_in(head / "results") == "finished", "the study is done")
    facts["fetch"] = ended(f"ray rsync-down {cluster} '~/results/' results/")
    facts["fetched"] = status_in(Path("results"))
    facts["differences"] = the_same_here(tune)
    return facts


def on_aws(folder: Path) -> dict[str, Any]:
    os.environ |= KEYS
    machines = Machines(folder / "machines", "ubuntu", [f"export {name}={value}" for name, value in KEYS.items()])
    server = [sys.executable, "-m", "moto.server", "-H", CLIENT, "-p", "5000"]
    subprocess.Popen(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: answers(CLOUD), "moto answers")
    cloud = Cloud(machines, Path(f"~/.ssh/ray-autoscaler_{REGION}.pem").expanduser())
    cloud.start()
    facts: dict[str, Any] = {"outputs": once()}
    bucket, group = facts["outputs"]["Bucket"], facts["outputs"]["SecurityGroup"]
    image = "ami-0123456789abcdef0"
    mine = {"sg-00000000000000000": group, "ami-00000000000000000": image, "YOUR-BUCKET": bucket}
    mine |= {"idle_timeout_minutes: 10": "idle_timeout_minutes: 0.5"}
    project(folder / "project", "cluster.yaml", mine, SIZES["aws"])
    facts["up"] = up("cluster.yaml")
    facts["workers_at_first"] = len(cloud.running("spot"))
    (head,) = cloud.running(None)
    facts["strangers"] = strangers("cluster.yaml", cloud.seen[head]["PublicIpAddress"])

    def interruption() -> None:
        until(lambda: cloud.running("spot"), "a worker comes")
        objects = partial(boto3.client("s3", REGION).list_objects_v2, Bucket=bucket)
        until(lambda: any("state.json" in o["Key"] for o in objects().get("Contents", [])), "there is a checkpoint")
        lost = cloud.running("spot")
        cloud.ec2.terminate_instances(InstanceIds=list(lost))
        until(lambda: cloud.running("spot") - lost, "another worker comes")

    options = "--gpus-per-trial 0.25 --max-concurrent 16"
    facts |= study_on("cluster.yaml", machines.home(head), options, interruption)
    facts["analysis"] = ended("python -m acai_ray.analysis results/")
    facts["report"] = Path("results/tiny/report/index.html").is_file()
    until(lambda: not cloud.running("spot"), "the worker leaves")
    facts["workers_at_last"] = len(cloud.running("spot"))
    facts["down"] = ended("ray down -y cluster.yaml")
    facts["left"] = list(cloud.running(None) | cloud.running("spot"))
    facts["instances"] = list(cloud.seen.values())
    facts["group"] = cloud.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    return facts


def on_own_machines(folder: Path) -> dict[str, Any]:
    cluster, shared = "docs/clusters/own-machines.yaml", folder / "shared"
    shared.mkdir()
    key = Path("~/.ssh/id_ed25519").expanduser()
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    machines = Machines(folder / "machines", "ubuntu", [TWO_CPUS], shared)
    for number in (10, 11, 12):
        machines.boot(f"machine{number}", [f"192.0.2.{number}"], key.with_suffix(".pub").read_text(encoding="utf-8"))
    project(folder / "project", cluster, {"/shared/acai-ray": str(shared), "~/.ssh/id_ed25519": str(key)}, SIZES["own"])
    facts: dict[str, Any] = {"up": up(cluster)}
    count = f"""ray exec {cluster} 'python -c "import ray; ray.init(log_to_driver=False); print(len(ray.nodes()))"'"""
    until(lambda: all(machines.runs(name, "/raylet/raylet") for name in machines.running), "Ray runs on all machines")
    until(lambda: "\n3" in ended(count)[1].replace("\r", ""), "all machines are there")

    def departure() -> None:
        until(lambda: list(shared.rglob("state.json")), "there is a checkpoint")
        at_work: list[str] = []

        def some_train() -> bool:
            names = ("machine11", "machine12")
            at_work[:] = [name for name in names if machines.runs(name, "ray::ResourceTrainable.train")]
            return bool(at_work)

        until(some_train, "a machine that may go trains")
        facts["left_at_work"] = at_work[-1]
        machines.stop(at_work[-1])

    facts |= study_on(cluster, machines.home("machine10"), "", departure)
    facts["nodes"] = sorted(set(store.load("results/tiny").runs["node"]))
    facts["down"] = ended(f"ray down -y {cluster}")

    def working() -> list[str]:
        return [name for name in machines.running if machines.runs(name, "/raylet/raylet")]

    until(lambda: not working(), "no Ray is left on any machine")  # workers miss their head
    facts["left"] = working()
    return facts


def main(case: str, folder: Path) -> None:
    home = folder / "client"
    for name in (home / ".ssh", home / "tmp"):
        name.mkdir(parents=True)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.environ |= {"HOME": str(home), "TMPDIR": str(home / "tmp"), "PATH": path, "RAY_AUTH_MODE": "token"}
    run("ray", "get-auth-token", "--generate")
    (home / ".ray" / "auth_token").chmod(0o600)
    try:
        facts = {"aws": on_aws, "own": on_own_machines}[case](folder)
    except Exception:
        for log in sorted((folder / "machines").glob("*/tmp/ray/session_2*/logs/monitor.*")):  # of Ray's autoscaler
            print(f"== {log}\n{log.read_text(encoding='utf-8')[-2000:]}", file=sys.stderr, flush=True)
        raise
    print(json.dumps(facts, default=str))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
