"""What the commands share: exit codes and messages."""

import os
import select
import shlex
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from acai_ray.common import json_output
from acai_ray.common.errors import UserError, describe

UNEXPECTED, MISTAKE, FAILED_RUNS, INTERRUPTED, UNREAD = 1, 2, 3, 130, 141
"""Exit codes, the same for all commands; the last is what shells report of a program that SIGPIPE ended."""

GOES_ON = "nothing that finished is lost. Go on with: {}"
BEGINS_AGAIN = "nothing is kept. Begin again with: {}"


def exit_code(run: Callable[[], int], resume: str, *, keeps: bool = True, as_json: bool = False) -> int:
    """Run a command and turn what it raises into one sentence and an exit code.

    Where nobody reads the output any more, as after `| head -1`, the command ends silently. A first SIGINT or SIGTERM
    stops it in order; a second one ends it at once, like a kill, which costs nothing because files are replaced as a
    whole.

    Args:
        run: gives the exit code where nothing is raised.
        resume: the command that goes on after an interruption.
        keeps: whether that command uses what was finished before the interruption.
        as_json: whether standard output is one JSON object, also where something is raised: it then has the sentence.
    """
    advice = (GOES_ON if keeps else BEGINS_AGAIN).format(resume)
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as for a job that the shell put into the background
            signal.signal(number, partial(_interrupt, advice))
    try:
        return _explained(run, advice, as_json)
    except BrokenPipeError:
        _silence()
        return UNREAD


def _interrupt(advice: str, *_: object) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_end_at_once, advice))
    raise KeyboardInterrupt


def _end_at_once(advice: str, *_: object) -> None:
    cursor = "\x1b[?25h" if os.isatty(2) else ""  # shows the cursor, which a status line hides
    os.write(2, f"{cursor}\ninterrupted; {advice}\n".encode())
    os._exit(INTERRUPTED)


def _explained(run: Callable[[], int], advice: str, as_json: bool) -> int:
    """The exit code of a run; an exception is explained, except a broken pipe of our own output."""
    try:
        code = run()
        print(end="", flush=True)  # a full disk shows here, where it can still be explained
        return code
    except (Exception, KeyboardInterrupt) as error:
        if isinstance(error, BrokenPipeError) and _unread():
            raise
        if not isinstance(error, UserError | OSError | KeyboardInterrupt) and os.environ.get("ACAI_DEBUG"):
            traceback.print_exc()
        code, sentence = _explanation(error, advice)
    print(f"\n{sentence}" if code == INTERRUPTED else sentence, file=sys.stderr)
    if as_json:
        with suppress(OSError):  # of a full disk, which the sentence may be about
            json_output.show_error(sentence.removeprefix("error: "), code)
            sys.stdout.flush()
    return code


def _explanation(error: BaseException, advice: str) -> tuple[int, str]:
    """The exit code of an exception, and the sentence that explains it."""
    if isinstance(error, UserError):
        return MISTAKE, f"error: {error}"
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, f"interrupted; {advice}"
    if isinstance(error, OSError):
        return UNEXPECTED, f"error: {error}; {advice}"
    return UNEXPECTED, f"unexpected error: {describe(error)}; set ACAI_DEBUG=1 for the whole trace; {advice}"


def _unread() -> bool:
    """Whether standard output or standard error is a pipe that nobody reads, rather than another pipe that broke."""
    outputs = select.poll()
    outputs.register(1, 0)
    outputs.register(2, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in outputs.poll(0))


def _silence() -> None:
    """Discard what the interpreter still writes to these pipes when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def doing(text: str) -> None:
    """Say on standard error what a command does next, since that may take a while."""
    print(f"{text} ...", file=sys.stderr, flush=True)


def same_command(module: str, arguments: list[str] | None) -> str:
    """The command line to run a module again as it was typed."""
    return f"python -m {module} {shlex.join(sys.argv[1:] if arguments is None else arguments)}"
