"""`acai-ray`: one word for all commands."""

import subprocess
import tomllib
from pathlib import Path

import pytest

import acai_ray
from acai_ray.__main__ import COMMANDS, main
from tests.helpers.pages import ROOT


def test_the_script_is_the_package_itself() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert scripts == {"acai-ray": "acai_ray.__main__:main"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_reads_its_own_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: python -m acai_ray.{name}" in capsys.readouterr().out


def test_the_exit_code_is_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "--space", "wied"]) == 2
    assert "there is no search space wied" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("acai-ray t", ["tune", "train"]),
        ("acai-ray tune --sp", ["--space"]),
        ("acai-ray train --compile o", ["on", "off"]),
        ("acai-ray data in", ["inspect"]),
    ],
)
def test_bash_completes_commands_and_options(
    line: str, completed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--print-completion", "bash"])
    script = tmp_path / "completion.bash"
    script.write_text(f"{capsys.readouterr().out}\nCOMP_WORDS=({line})\nCOMP_CWORD=$(({len(line.split())} - 1))\n")
    with script.open("a") as file:
        file.write('_shtab_acai_ray\necho "${COMPREPLY[@]}"\n')
    said = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=True)
    assert said.stdout.split() == completed


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--version"], 0, f"acai-ray {acai_ray.__version__}"),
        (["--help"], 0, "look at pose data before a study"),
        ([], 2, "COMMAND"),
        (["tuna"], 2, "'tuna'"),
    ],
)
def test_what_is_no_command(words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == code
    assert says in "".join(capsys.readouterr())
