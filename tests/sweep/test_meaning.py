"""A study is what its space means: other spellings go on with it, other meanings are refused with the difference."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from acai_ray.common.errors import UserError
from acai_ray.store import study_file
from acai_ray.sweep.meaning import as_begun
from acai_ray.sweep.space import Space, load_space

SEARCH = {"search": {"lam": {"uniform": [0, 1]}, "latent_dim": {"choice": [4, 8]}}, "trial": {"lr": 0.001}}
GRID = {"grid": {"lam": [0, 0.1], "latent_dim": [4, 8]}, "trial": {"lr": 0.001}}
ARMS = {"search": {"regularizer": {"choice": ["acai", "vae"]}}}
SAME_CODES = {"search": {"regularizer": {"choice": ["acai", "denoising"]}}}
POINTS = [{"lam": lam, "latent_dim": d} for lam in (0, 0.1) for d in (4, 8)]


def resumed(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> tuple[Space, Space]:
    """The space that a study was begun with, and what another one becomes in its folder, both read from files."""
    spaces = []
    for content in (before, now):
        (folder / "space.yaml").write_text(yaml.safe_dump(content))
        spaces.append(load_space(str(folder / "space.yaml")))
    begun, space = spaces
    (folder / "study.json").write_text(json.dumps({"space": begun.model_dump(mode="json")}))
    return begun, as_begun(space, folder)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (SEARCH, {**SEARCH, "trial": {"lr": 1e-3, "gamma": 0.05}}),
        (SEARCH, {**SEARCH, "trial": {"lr": 0.001, "epochs": 300.0, "codes": "sphere", "critic_lr": 0.001}}),
        (SEARCH, {**SEARCH, "seeds": 3.0, "controls": True, "data_options": {"views": 4}, "evaluation": {"seed": 0}}),
        (SEARCH, {**SEARCH, "search": dict(reversed(SEARCH["search"].items()))}),
        (SEARCH, {**SEARCH, "search": {"lambda": {"uniform": [0.0, 1]}, "latent_dim": {"choice": [8.0, 4.0]}}}),
        (GRID, {**GRID, "grid": dict(reversed(GRID["grid"].items()))}),
        (GRID, {**GRID, "grid": {"lam": [0.1, 0.0], "latent_dim": [4.0, 8]}}),
        (GRID, {"points": POINTS, "trial": {"lr": 0.001}}),
        (GRID, {"grid": {**GRID["grid"], "lr": [0.001]}}),
        (ARMS, {**ARMS, "trial": {"gamma": 0.05}}),
        (SAME_CODES, {**SAME_CODES, "trial": {"codes": "sphere"}}),
    ],
)
def test_another_spelling_goes_on(before: dict[str, Any], now: dict[str, Any], tmp_path: Path) -> None:
    for first, second in ((before, now), (now, before)):
        begun, space = resumed(tmp_path, first, second)
        assert space == begun
        assert list(space.model_dump()["search"] or ()) == list(begun.model_dump()["search"] or ())


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        (SEARCH, {**SEARCH, "trial": {"lr": 0.002, "gamma": 0.05}}, ["trial.lr was 0.001 and is 0.002"]),
        (SEARCH, {**SEARCH, "trial": {"lr": 0.001, "gamma": 0.1}}, ["trial.gamma was not given and is 0.1"]),
        (SEARCH, {**SEARCH, "trial": {}}, ["trial.lr was 0.001 and is not given"]),
        (SEARCH, {**SEARCH, "seeds": 2, "trial": {"lr": 0.001, "gamma": 0.05}}, ["seeds was 3 and is 2"]),
        (GRID, {**GRID, "grid": {"lam": [0, 0.2], "latent_dim": [8, 4]}}, ["grid.lam was [0, 0.1] and is [0, 0.2]"]),
        (GRID, {"points": POINTS[:3], "trial": {"lr": 0.001}}, ["points was None and is"]),
        (SAME_CODES, {**SAME_CODES, "trial": {"codes": "flat"}}, ["trial.codes was not given and is flat"]),
        (ARMS, {**ARMS, "trial": {"lam": 0.0}}, ["trial.lam was not given and is 0.0"]),
    ],
)
def test_another_meaning_is_refused(
    before: dict[str, Any], now: dict[str, Any], says: list[str], tmp_path: Path
) -> None:
    data = {"data": {"name": "people", "fingerprint": "f"}}
    begun, space = resumed(tmp_path, before, now)
    known, wanted = ({**data, "space": of.model_dump(mode="json")} for of in (begun, space))
    with pytest.raises(UserError) as caught:
        study_file.refuse_another(known, wanted, tmp_path)
    assert all(part in str(caught.value) for part in says), caught.value


def test_what_may_change_is_the_new_spaces(tmp_path: Path) -> None:
    _, space = resumed(tmp_path, SEARCH, {**SEARCH, "trials": 7, "question": "more?"})
    assert (space.trials, space.question) == (7, "more?")


def test_a_study_that_cannot_be_read_is_left_to_the_session(tmp_path: Path) -> None:
    space = Space(**SEARCH)
    assert as_begun(space, tmp_path) is space
    for text in ("", "{}", '{"space": {"grid": 3}}'):
        (tmp_path / "study.json").write_text(text)
        assert as_begun(space, tmp_path) is space
