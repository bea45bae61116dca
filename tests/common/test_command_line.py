"""What the commands share."""

import shlex
import subprocess
import sys

import pytest

from acai_ray.common.command_line import exit_code, same_command
from acai_ray.common.errors import UserError
from tests.helpers.pipes import unread_pipe


def raising(error: BaseException):
    def run() -> int:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (UserError("poses must be in metres"), 2, "error: poses must be in metres"),
        (KeyboardInterrupt(), 130, "Go on with: python -m it"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (BrokenPipeError(32, "Broken pipe"), 1, "Broken pipe"),  # not of our output, such as one to a worker
        (PermissionError(13, "Permission denied", "x.parquet"), 1, "x.parquet"),
        (ZeroDivisionError("division by zero"), 1, "ZeroDivisionError: division by zero (test_command_line.py:"),
        (RuntimeError(""), 1, "RuntimeError"),
    ],
)
def test_what_is_raised_becomes_a_sentence_and_a_code(error, code, says, capsys, monkeypatch) -> None:
    monkeypatch.delenv("ACAI_DEBUG", raising=False)
    assert exit_code(raising(error), resume="python -m it") == code
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    assert ("python -m it" in err) == (code != 2)


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
@pytest.mark.parametrize("run", ["lambda: print('x' * 100_000) or 0", "lambda: print('x') or 0", "lambda: 1 / 0"])
def test_a_command_whose_output_nobody_reads_ends_quietly(closed: str, run: str) -> None:
    program = f"import sys; from acai_ray.common.command_line import exit_code; sys.exit(exit_code({run}, 'again'))"
    with unread_pipe() as pipe:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, closed: pipe}
        done = subprocess.run([sys.executable, "-c", program], **pipes, text=True, check=False)
    told = done.stderr if closed == "stdout" else done.stdout
    prints, fails = "print" in run, "/" in run
    assert done.returncode == (141 if prints == (closed == "stdout") else 1 if fails else 0)
    assert ("ZeroDivisionError" in told) == (closed == "stdout" and fails)
    assert "Broken pipe" not in told


@pytest.mark.parametrize(("output", "code"), [(">&-", 0), (">/dev/full", 1)])
def test_output_that_cannot_be_written(output: str, code: int) -> None:
    program = "from acai_ray.common.command_line import exit_code; code = exit_code(lambda: print('x') or 0, 'again')"
    command = f'{shlex.quote(sys.executable)} -c "{program}; import os; os._exit(code)" {output}'
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.returncode == code
    assert ("No space left on device" in done.stderr) == (code == 1)
    assert "Traceback" not in done.stderr


def test_the_trace_is_shown_on_request(capsys, monkeypatch) -> None:
    monkeypatch.setenv("ACAI_DEBUG", "1")
    assert exit_code(raising(ZeroDivisionError("x")), resume="") == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("code", [0, 3, 4])
def test_a_commands_own_code_is_kept(code: int, capsys) -> None:
    assert exit_code(lambda: code, resume="") == code
    assert capsys.readouterr().err == ""


def test_argparse_may_still_leave() -> None:
    with pytest.raises(SystemExit):
        exit_code(raising(SystemExit(2)), resume="")


def test_the_same_command_can_be_pasted(monkeypatch) -> None:
    assert same_command("acai_ray.tune", ["--space", "a b.yaml"]) == "python -m acai_ray.tune --space 'a b.yaml'"
    monkeypatch.setattr("sys.argv", ["tune.py", "--space", "wide"])
    assert same_command("acai_ray.tune", None) == "python -m acai_ray.tune --space wide"
