"""What a user is told where Ray does not start, or a cluster cannot be joined."""

from typing import Any, NoReturn

import pytest
import ray

from acai_ray.common.errors import UserError
from acai_ray.sweep import ray_cluster
from acai_ray.sweep.private_ray import TOO_SLOW, start

MISMATCH = (
    "Version mismatch: The cluster was started with:\n    Ray: 2.60.0\n    Python: 3.12.3\n"
    "This process on node 10.0.0.1 was started with:\n    Ray: 2.60.0\n    Python: 3.11.7\n"
)


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets Ray fail with an exception."""

    def with_error(error: Exception) -> None:
        def init(**_: Any) -> NoReturn:
            raise error

        monkeypatch.setattr(ray, "init", init)
        monkeypatch.setattr(ray_cluster, "_refuse_silent", lambda address: None)

    return with_error


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (Exception(f"{TOO_SLOW}. This could happen because"), "run the command again when less runs on this machine"),
        (OSError("AF_UNIX path length cannot exceed 107 bytes: /a/b"), "set RAY_TMPDIR to a short one, such as /tmp"),
        (PermissionError(13, "Permission denied", "/nowhere/.ray"), "or RAY_AUTH_MODE=disabled"),
        (RuntimeError("no room"), "name another one in RAY_TMPDIR"),
        (RuntimeError(), "name another one in RAY_TMPDIR"),
    ],
)
def test_a_ray_that_does_not_start_is_one_sentence_with_the_remedy(fails: Any, error: Exception, remedy: str) -> None:
    fails(error)
    with pytest.raises(UserError, match=r"Ray must start on this machine, but it does not \(.+\); ") as told:
        ray_cluster._init(None, {})
    assert remedy in str(told.value)


def test_a_ray_that_a_busy_machine_starts_too_slowly_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray waits 30 s for its own node, whatever is set, and then raises a bare `Exception`."""
    said = [f"{TOO_SLOW}. This could happen because some of the raylet failed to startup"]
    steps: list[str] = []

    def init(**_: Any) -> None:
        steps.append("init")
        if said:
            raise Exception(said.pop())

    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setattr(ray, "shutdown", lambda: steps.append("shutdown"))
    start()
    assert steps == ["init", "shutdown", "init"]


def test_no_other_exception_of_ray_is_tried_again_or_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def init(**_: Any) -> NoReturn:
        tries.append(1)
        raise Exception("Head node temp_dir not found in NodeInfo")

    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(Exception, match="temp_dir not found"):
        start()
    assert tries == [1]


@pytest.mark.parametrize("error", [RuntimeError(MISMATCH), ConnectionError(), ValueError("\n\nno such address")])
def test_a_cluster_that_cannot_be_joined_is_told_whole(fails: Any, error: Exception) -> None:
    fails(error)
    with pytest.raises(UserError, match=r"there must be a Ray cluster at the address 10\.0\.0\.1:6379, but") as told:
        ray_cluster._init("10.0.0.1:6379", {})
    said = str(told.value)
    if "mismatch" in str(error):
        assert "3.12.3" in said
        assert "3.11.7" in said
        assert said.endswith("install the same versions of Python and Ray here as there")
    else:
        assert "check RAY_AUTH_MODE and the token" in said
        assert "()" not in said
