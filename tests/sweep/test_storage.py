"""Where checkpoints go: what the user typed is understood once, and tried before any work."""

from pathlib import Path

import pytest

from acai_ray.common.errors import UserError
from acai_ray.sweep.storage import below, refuse_unusable, resolved


def test_a_path_is_taken_from_where_the_command_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/users/me")
    assert resolved("ckpt") == str(tmp_path / "ckpt")
    assert resolved("~/ckpt") == "/users/me/ckpt"
    assert resolved("/shared/a b?") == "/shared/a b?"
    for uri in ("s3://bucket/a?scheme=http", "gs://bucket", "file:///shared"):
        assert resolved(uri) == uri


@pytest.mark.parametrize(
    ("text", "meant"), [("s3:/bucket/x", "s3://bucket/x"), ("file:/shared", "file:///shared"), ("gs:/b", "gs://b")]
)
def test_a_uri_that_lacks_a_slash_is_refused(text: str, meant: str) -> None:
    with pytest.raises(UserError, match=f"write {meant}, or ./{text} for a folder"):
        resolved(text)


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ("/shared/a", "/shared/a/wide-1"),
        ("/shared/what?/50%20#1", "/shared/what?/50%20#1/wide-1"),
        ("s3://bucket", "s3://bucket/wide-1"),
        ("s3://bucket/", "s3://bucket/wide-1"),
        ("s3://key:secret@bucket/a/", "s3://key:secret@bucket/a/wide-1"),
        (
            "s3://bucket/p?endpoint_override=localhost:9000&scheme=http",
            "s3://bucket/p/wide-1?endpoint_override=localhost:9000&scheme=http",
        ),
        ("gs://bucket/p?retry_limit_seconds=5", "gs://bucket/p/wide-1?retry_limit_seconds=5"),
        ("file:///shared/a", "file:///shared/a/wide-1"),
    ],
)
def test_a_studys_folder_is_part_of_the_path(storage: str, expected: str) -> None:
    assert below(storage, "wide-1") == expected


def test_a_storage_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    for storage in (str(tmp_path / "new" / "a?b"), f"file://{tmp_path}/uri"):
        refuse_unusable(storage)
    assert [path for path in tmp_path.rglob("*") if path.is_file() or path.name.startswith("try-")] == []


@pytest.mark.parametrize("uri", ["s3://", "file:///", "gs:///"])
def test_a_uri_without_a_folder_is_refused(uri: str) -> None:
    with pytest.raises(UserError, match="a storage names a folder"):
        resolved(uri)


def test_a_storage_that_takes_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="a storage must take files and give them back, but"):
        refuse_unusable(str(tmp_path / "file"))
    with pytest.raises(UserError, match="storage must be a path or a URI"):
        refuse_unusable("nowhere://bucket/x")
