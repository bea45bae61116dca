"""One JSON object on standard output, for other programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acai_ray.common.command_line import exit_code
from acai_ray.common.errors import UserError
from acai_ray.common.json_output import show
from acai_ray.protocol.verdicts import Word


def test_what_json_lacks_becomes_null_or_text(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"n": [1], "x": [np.nan]})
    content = {
        "numpy": [np.float32(0.5), np.int64(3), np.bool_(True), np.float64("inf")],
        "frame": frame.to_dict("records"),
        "path": Path("a") / "b",
        "word": Word.BETTER,
        "none": None,
        "λ": (1, "“x”"),
    }
    show(content)
    assert json.loads(capsys.readouterr().out) == {
        "numpy": [0.5, 3, True, None],
        "frame": [{"n": 1, "x": None}],
        "path": "a/b",
        "word": "better",
        "none": None,
        "λ": [1, "“x”"],
    }


def test_an_output_without_letters_gets_whole_json() -> None:
    program = (
        "from acai_ray.common import json_output, letters; letters.use_those_of_the_terminal(); "
        "json_output.show({'λ': '“x”'})"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert json.loads(done.stdout) == {"λ": "“x”"}


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (UserError("poses must be in metres"), 2, "poses must be in metres"),
        (KeyboardInterrupt(), 130, "interrupted; nothing that finished is lost. Go on with: python -m it"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (ZeroDivisionError("x"), 1, "unexpected error: ZeroDivisionError: x"),
    ],
)
def test_an_error_is_an_object_too(
    error: BaseException, code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> int:
        raise error

    assert exit_code(run, resume="python -m it", as_json=True) == code
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["exit_code"] == code
    assert says in told["error"]
    assert told["error"] in err
