"""A user's own modules: where they are found, what is known of them, and what is refused."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from acai_ray.common.errors import UserError
from acai_ray.store import study_file
from acai_ray.sweep.space import Space, load_space
from acai_ray.trials import plugins
from acai_ray.trials.experiment import load_experiment
from acai_ray.trials.plugins import import_plugins, load_plugins, shipped, with_plugins

NAME = "a_module_of_mine"
SPACE = {"points": [{"lambda": 0.0}], "baseline": False}


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test begins and ends as a process that has imported no plugin."""
    monkeypatch.setattr(plugins, "_LOADED", {})
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # a source of the same second and length would not be read
    known = set(sys.modules)
    yield
    for name in set(sys.modules) - known:
        if name.split(".")[0] == NAME:
            del sys.modules[name]


def forget() -> None:
    """What a new process knows."""
    plugins._LOADED.clear()
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]


def module(folder: Path, text: str = "ANSWER = 1\n") -> Path:
    path = folder / f"{NAME}.py"
    path.write_text(text)
    return path


def package(folder: Path) -> Path:
    path = folder / NAME
    path.mkdir()
    (path / "__init__.py").write_text("from a_module_of_mine.part import ANSWER as ANSWER\n")
    (path / "part.py").write_text("ANSWER = 2\n")
    return path


def imported() -> Any:
    return sys.modules[NAME]


def refused(names: Any, folder: Path) -> str:
    """The one sentence of the error."""
    with pytest.raises(UserError) as caught:
        load_plugins(names, folder)
    said = str(caught.value)
    assert "\n" not in said
    assert ", but " in said
    return said


class TestFound:
    def test_a_file_beside_is_given_to_other_nodes(self, tmp_path: Path) -> None:
        path = module(tmp_path)
        found = load_plugins([NAME], tmp_path)
        assert list(found) == [NAME]
        assert imported().ANSWER == 1
        assert shipped(found) == [str(path)]
        assert str(tmp_path) not in sys.path

    def test_an_installed_module_is_not(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "installed").mkdir()
        (tmp_path / "space").mkdir()
        module(tmp_path / "installed")
        monkeypatch.syspath_prepend(tmp_path / "installed")
        found = load_plugins([NAME], tmp_path / "space")
        assert imported().ANSWER == 1
        assert shipped(found) == []

    def test_what_lies_beside_goes_before_what_is_installed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for place, answer in (("installed", 1), ("space", 2)):
            (tmp_path / place).mkdir()
            module(tmp_path / place, f"ANSWER = {answer}\n")
        monkeypatch.syspath_prepend(tmp_path / "installed")
        load_plugins([NAME], tmp_path / "space")
        assert imported().ANSWER == 2

    def test_a_package_is_shipped_and_hashed_as_a_whole(self, tmp_path: Path) -> None:
        path = package(tmp_path)
        before = load_plugins([NAME], tmp_path)
        assert imported().ANSWER == 2
        assert shipped(before) == [str(path)]
        forget()
        (path / "part.py").write_text("ANSWER = 3\n")
        assert load_plugins([NAME], tmp_path) != before
        forget()
        (path / "part.py").rename(path / "piece.py")
        (path / "__init__.py").write_text("")
        (path / "piece.py").write_text("ANSWER = 3\n")
        moved = load_plugins([NAME], tmp_path)
        forget()
        (path / "piece.py").rename(path / "part.py")
        assert load_plugins([NAME], tmp_path) != moved

    def test_twice_is_once(self, tmp_path: Path) -> None:
        module(tmp_path, "TIMES = []\n")
        first = load_plugins([NAME, NAME], tmp_path)
        imported().TIMES.append("seen")
        assert load_plugins([NAME], tmp_path) == first
        import_plugins([NAME])
        assert imported().TIMES == ["seen"]

    def test_a_file_without_plugins_stays_as_it_is(self, tmp_path: Path) -> None:
        assert with_plugins({"question": "why?"}, tmp_path) == {"question": "why?"}
        assert with_plugins({"plugins": []}, tmp_path) == {"plugins": {}}


class TestHash:
    def test_it_is_of_the_source_and_not_of_the_place(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        module(tmp_path)
        module(tmp_path / "elsewhere")
        here = load_plugins([NAME], tmp_path)
        forget()
        assert load_plugins([NAME], tmp_path / "elsewhere") == here
        forget()
        module(tmp_path, "ANSWER = 4\n")
        assert load_plugins([NAME], tmp_path) != here

    def test_a_study_does_not_go_on_with_another_source(self, tmp_path: Path) -> None:
        module(tmp_path)
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump({**SPACE, "plugins": [NAME]}))
        known = content(load_space(str(tmp_path / "mine.yaml")))
        forget()
        study_file.refuse_another(known, content(load_space(str(tmp_path / "mine.yaml"))), tmp_path)
        forget()
        module(tmp_path, "ANSWER = 5\n")
        with pytest.raises(UserError, match=rf"a study keeps its question.*plugins\.{NAME} was \w+ and is \w+;"):
            study_file.refuse_another(known, content(load_space(str(tmp_path / "mine.yaml"))), tmp_path)

    def test_an_experiment_has_it_too(self, tmp_path: Path) -> None:
        module(tmp_path)
        trial = {"latent_dim": 4, "lambda": 0.1, "gamma": 0.2}
        (tmp_path / "one.yaml").write_text(yaml.safe_dump({"plugins": [NAME], "trial": trial}))
        assert load_experiment(tmp_path / "one.yaml").plugins == load_plugins([NAME], tmp_path)


def content(space: Space) -> dict[str, Any]:
    """What `study.json` would say of a space."""
    return {"space": space.model_dump(), "data": {"name": "none", "fingerprint": "0"}}


class TestRefused:
    @pytest.mark.parametrize("names", ["mine", {"mine": 1}, [1], ["a-b"], ["a.b"], ["../mine"], [""], None], ids=str)
    def test_what_is_no_list_of_names(self, names: Any, tmp_path: Path) -> None:
        assert refused(names, tmp_path) == f"plugins is a list of names of modules, but got {names!r}"

    def test_a_module_that_is_not_there(self, tmp_path: Path) -> None:
        said = refused([NAME], tmp_path)
        assert said.startswith("a plugin is a module that is installed or lies beside the file that names it, but ")
        assert said.endswith(f"there is no {NAME}")

    def test_a_module_that_needs_another_that_is_not_there(self, tmp_path: Path) -> None:
        module(tmp_path, "import nothing_of_this_name\n")
        assert "needs nothing_of_this_name; install it" in refused([NAME], tmp_path)

    @pytest.mark.parametrize(
        ("text", "says"),
        [("1 / 0\n", "ZeroDivisionError"), ("def\n", "SyntaxError"), ("raise ValueError('two\\nlines')\n", "two")],
        ids=["raises", "is no Python", "raises two lines"],
    )
    def test_a_module_that_does_not_import(self, text: str, says: str, tmp_path: Path) -> None:
        module(tmp_path, text)
        said = refused([NAME], tmp_path)
        assert said.startswith(f"a plugin must import without an error, but {NAME} raised ")
        assert says in said

    def test_a_regularizer_whose_name_is_taken(self, tmp_path: Path) -> None:
        module(
            tmp_path,
            "from acai_ray.training.regularizers import Regularizer, register\n"
            "Mine = type('Mine', (Regularizer,), {'name': 'acai', 'losses': None})\n"
            "register(Mine())\n",
        )
        assert "acai is taken; choose another name" in refused([NAME], tmp_path)

    def test_a_name_that_another_module_has(self, tmp_path: Path) -> None:
        (tmp_path / "json.py").write_text("")
        assert refused(["json"], tmp_path) == (
            f"a plugin's name is its own, but there is another module json; rename {tmp_path.resolve() / 'json.py'}"
        )

    def test_two_modules_of_one_name(self, tmp_path: Path) -> None:
        """A process has one module of a name, so a second space's cannot take its place."""
        (tmp_path / "other").mkdir()
        module(tmp_path)
        module(tmp_path / "other")
        load_plugins([NAME], tmp_path)
        assert f"there is another module {NAME}" in refused([NAME], tmp_path / "other")

    def test_a_folder_that_is_no_package(self, tmp_path: Path) -> None:
        (tmp_path / NAME).mkdir()
        assert refused([NAME], tmp_path) == (
            f"a plugin has a source file, but {NAME} has none; give a folder an __init__.py"
        )

    def test_a_module_that_is_built_in(self, tmp_path: Path) -> None:
        assert "has none" in refused(["sys"], tmp_path)
