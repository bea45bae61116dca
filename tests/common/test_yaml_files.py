"""YAML files: read safely, each key once, with what the command line replaces."""

import pytest

from acai_ray.common.errors import UserError
from acai_ray.common.yaml_files import read_settings, read_yaml


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"a: [1, 2", "must be YAML"), (b"\xff\xfe\x00", "must be YAML"), (b"a: !!python/object:os.x {}", "must be YAML")],
)
def test_what_is_no_yaml_is_one_sentence(content, says, tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=says) as caught:
        read_yaml(path)
    assert "mine.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("lam: 1\nlr: 2\nlam: 3", "has 'lam' twice, again in line 3; remove one"),
        ("{lam: 1, lam: 1}", "has 'lam' twice, again in line 1"),
        ("trial: {lam: 1, 'lam': 2}", "'lam' twice"),
        ("a: [{b: 1, b: 2}]", "'b' twice"),
        ("1: a\n1: b", "'1' twice"),
        ("base: &b {a: 1}\nc: {<<: *b, d: 1, d: 2}", "'d' twice"),
    ],
)
def test_a_key_written_twice_is_refused(content, says, tmp_path) -> None:
    (tmp_path / "mine.yaml").write_text(content)
    with pytest.raises(UserError, match="a settings file must have each key once") as caught:
        read_yaml(tmp_path / "mine.yaml")
    assert says in str(caught.value)


def test_merges_of_yaml_are_read(tmp_path) -> None:
    content = "x: {y: &c {<<: &b {a: 1, b: 1}, a: 2}}\nd: {<<: *c}\ne: {<<: [*b, *c], b: 3}\nf: *c\n1: a\n'1': b"
    (tmp_path / "mine.yaml").write_text(content)
    merged = {"a": 2, "b": 1}
    expected = {"x": {"y": merged}, "d": merged, "e": {"a": 1, "b": 3}, "f": merged, 1: "a", "1": "b"}
    assert read_yaml(tmp_path / "mine.yaml") == expected


def test_a_missing_file_is_one_sentence(tmp_path) -> None:
    with pytest.raises(UserError, match="readable"):
        read_yaml(tmp_path / "none.yaml")


def test_given_fields_replace_those_of_the_file(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("seeds: 3\ntrial: {epochs: 5, lr: 0.1}\ndata_options: {every: 2, views: 4}")
    assert read_settings(path, seeds=None, epochs=None, data_options=None) == read_yaml(path)
    assert read_settings(path, seeds=1, epochs=7, data_options={"every": 9}) == {
        "seeds": 1,
        "trial": {"epochs": 7, "lr": 0.1},
        "data_options": {"every": 9, "views": 4},
    }


@pytest.mark.parametrize("text", ["1e-3", "1.0e-3", "1E-3", "1.e-3", "0.001", "+1e-3", ".1e-2"])
def test_a_number_is_read_however_it_is_written(text, tmp_path) -> None:
    (tmp_path / "mine.yaml").write_text(f"lr: {text}")
    assert read_yaml(tmp_path / "mine.yaml") == {"lr": 0.001}


@pytest.mark.parametrize("text", ["'1e-3'", "1e", "e3", "1e-3x", "v1e3"])
def test_other_text_stays_text(text, tmp_path) -> None:
    (tmp_path / "mine.yaml").write_text(f"lr: {text}")
    assert read_yaml(tmp_path / "mine.yaml") == {"lr": text.strip("'")}


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[" * 3000 + "]" * 3000, "nested too deeply"),
        ("{a: " * 3000 + "1" + "}" * 3000, "nested too deeply"),
        ("a: &a [*a]", "an alias"),
        ("a: &a {b: *a}", "an alias"),
        (LAUGHS, "at most 100,000 values"),
        ("a: 1" + "0" * 5000, "must be YAML"),
        ("a: 2026-13-45", "must be YAML"),
    ],
)
def test_what_is_too_much_is_one_sentence(content, says, tmp_path) -> None:
    (tmp_path / "mine.yaml").write_text(content)
    with pytest.raises(UserError, match=says):
        read_yaml(tmp_path / "mine.yaml")


def test_an_empty_file_is_told_as_such(tmp_path) -> None:
    for content, says in [("", "but is empty"), ("# nothing", "but is empty"), ("[1]", "but holds a list")]:
        (tmp_path / "mine.yaml").write_text(content)
        with pytest.raises(UserError, match=says):
            read_settings(tmp_path / "mine.yaml")
