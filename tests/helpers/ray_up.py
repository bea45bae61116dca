"""What the tests of `ray up` on AWS and on one's own machines share: each way is gone once, as a program."""

import json
import re
import subprocess
import tempfile
from typing import Any

import pytest

from tests.helpers.machines import in_namespaces, why_not
from tests.helpers.pages import ROOT

for package in ("boto3", "moto"):
    pytest.importorskip(package, reason=f"{package} is not installed")

needs_machines = pytest.mark.skipif(bool(why_not()), reason=why_not())


def facts_of(case: str) -> dict[str, Any]:
    """Go the whole way, `aws` or `own`; returns what `run_ray_up` tells of it."""
    # pytest's own folders have long names, but a socket's path, below this one, has at most 107 characters
    with tempfile.TemporaryDirectory(prefix=case) as folder:
        ran = subprocess.run(
            in_namespaces("tests.helpers.run_ray_up", case, folder),
            capture_output=True,
            text=True,
            timeout=7200,
            cwd=ROOT,
        )
    assert ran.returncode == 0, ran.stderr[-5000:]
    facts: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return facts


def assert_each_command_ended_well(facts: dict[str, Any]) -> None:
    """Those that a user types, from `ray up` to `ray down`."""
    commands = ("up", "data", "exec", "progress", "fetch", "down")
    assert {name: facts[name][0] for name in commands} == dict.fromkeys(commands, 0)
    assert re.search(r"\d of \d+ trials", facts["progress"][1])
    assert facts["fetched"] == "finished"
