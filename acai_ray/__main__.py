"""`acai-ray`, or `python -m acai_ray`: one word for all commands, each of which is `python -m acai_ray.…` as well."""

import argparse
import sys
from importlib import import_module

import acai_ray
from acai_ray.common import letters
from acai_ray.common.help_text import HelpFormatter

COMMANDS = {
    "tune": ("acai_ray.tune", "train over a search space, and write a study"),
    "train": ("acai_ray.train", "train one setting from an experiment file"),
    "analysis": ("acai_ray.analysis.__main__", "compare ACAI with vanilla, and write reports"),
    "data": ("acai_ray.data.__main__", "look at pose data before a study"),
    "lines": ("acai_ray.lines.__main__", "test the method on images of lines"),
}
"""By a command's name, its module and what it does."""

EXAMPLES = """\
each has its own --help, as in: acai-ray tune --help

completion of commands and options by the Tab key, in bash (zsh and tcsh alike):
  source <(acai-ray --print-completion bash)
"""


class _Completion(argparse.Action):
    """Prints a shell's completion of all commands and their options, and ends the program."""

    DOES = "print what makes this shell complete commands and options"

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: object, values: object, option: object = None
    ) -> None:
        """Args: as argparse gives them."""
        del namespace, option
        import shtab

        whole = argparse.ArgumentParser(parser.prog)
        commands = whole.add_subparsers()
        for name, (module, does) in COMMANDS.items():
            commands.add_parser(name, help=does, parents=[import_module(module).parser()], add_help=False)
        print(shtab.complete(whole, str(values)))
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """What is read where the first word is no command; the commands read their own options."""
    made = argparse.ArgumentParser(
        "acai-ray",
        description=acai_ray.__doc__.split("\n")[0] if acai_ray.__doc__ else None,
        epilog=EXAMPLES,
        formatter_class=HelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"acai-ray {acai_ray.__version__}")
    made.add_argument("--print-completion", action=_Completion, choices=("bash", "zsh", "tcsh"), help=_Completion.DOES)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, does) in COMMANDS.items():
        commands.add_parser(name, help=does, add_help=False)
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns its exit code. Only its own module is imported, so that its `--help` answers at once."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in COMMANDS:
        command = import_module(COMMANDS[words[0]][0])
        return int(command.main(words[1:]))
    letters.use_those_of_the_terminal()
    parser().parse_args(words)
    raise AssertionError("a parser without a known command ends the program")


if __name__ == "__main__":
    sys.exit(main())
