"""Starting a Ray of one's own on this machine."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import ray

from acai_ray.common.errors import UserError, one_line

Started = TypeVar("Started")

TOO_SLOW = "The current node timed out during startup"
"""How Ray, whose patience is 30 s whatever is set, begins to say that its own node has not registered; the exception is
a bare `Exception`."""


def start(**settings: Any) -> None:
    """Start a private Ray, with as many CPUs as this process may use.

    Args:
        settings: what `ray.init` is told besides.

    Raises:
        UserError: it does not start.
    """
    options = {"address": "local", "include_dashboard": False, "num_cpus": fewer_cpus(), **settings}
    try:
        patiently(lambda: ray.init(**options))
    except (OSError, RuntimeError, ValueError) as error:
        ray.shutdown()
        raise UserError(
            f"Ray must start on this machine, but it does not ({one_line(error)}); {_remedy(error)}"
        ) from None


def patiently(start: Callable[[], Started]) -> Started:
    """What starting Ray gives; it is started a second time where a busy machine was too slow for the first.

    Args:
        start: starts Ray from nothing.

    Raises:
        TimeoutError: the machine was too slow again.
    """
    try:
        return _timed(start)
    except TimeoutError:
        ray.shutdown()
        return _timed(start)


def _timed(start: Callable[[], Started]) -> Started:
    """What starting Ray gives; that its node was too slow gets an exception of its own kind."""
    try:
        return start()
    except Exception as error:
        if TOO_SLOW not in str(error):
            raise
        raise TimeoutError(str(error)) from None


def _remedy(error: Exception) -> str:
    """What helps, as far as Ray's own words tell it."""
    if TOO_SLOW in str(error):
        return "run the command again when less runs on this machine, or see that it has memory to spare"
    if "AF_UNIX path length" in str(error):
        return "the folder of its temporary files has too long a name: set RAY_TMPDIR to a short one, such as /tmp"
    if isinstance(error, PermissionError) and ".ray" in str(error):
        return "set HOME to a folder that can be written, or RAY_AUTH_MODE=disabled"
    return (
        "see that the folder of its temporary files can be written and has room, or name another one in RAY_TMPDIR, or "
        "start Ray by `ray start --head` and give its address with --address"
    )


def fewer_cpus() -> int | None:
    """How many CPUs this process may use, where a scheduler such as Slurm gave it only a part of the machine.

    None where it may use all, which Ray counts by itself.
    """
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return mine if mine != os.cpu_count() else None
