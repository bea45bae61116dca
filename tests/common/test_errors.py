"""Errors for users: one sentence, whose fields other code may compare."""

import pickle

import pytest

from acai_ray.common.errors import RuleError, UserError


def broken(place: str) -> RuleError:
    return RuleError(place, rule="poses must be in metres", value="these are 251.3 long", remedy="give --unit mm")


@pytest.mark.parametrize(("place", "begins"), [("a.npz", "a.npz: poses must"), ("", "poses must")])
def test_a_sentence_is_made_of_its_fields(place: str, begins: str) -> None:
    error = broken(place)
    assert isinstance(error, UserError)
    assert str(error) == f"{begins} be in metres, but these are 251.3 long; give --unit mm"


def test_the_sentence_never_holds_what_steers_a_terminal() -> None:
    error = broken("a\x1b[31m\nb.npz")
    assert str(error).startswith("a\ufffd[31m\ufffdb.npz: ")
    assert error.place == "a\x1b[31m\nb.npz"


def test_it_is_the_same_in_another_process() -> None:
    error = broken("a.npz")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert vars(again) == vars(error)
