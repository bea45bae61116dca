"""The store's promises: what is written is read, damage is named, nothing is ever half there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from acai_ray import store
from acai_ray.common.errors import UserError
from acai_ray.common.files import write_json
from acai_ray.store.results import SMALL
from tests.helpers.table_rows import metric, run_row


@pytest.fixture
def study(tmp_path: Path) -> Path:
    write_json(tmp_path / "study.json", {"study": "wide"})
    return tmp_path


def test_what_is_written_is_read(study: Path) -> None:
    rows = [metric(), metric("s00012-1", value=float("nan"))]
    store.write(study, "metrics", "s00012", rows)
    pd.testing.assert_frame_equal(
        store.read(study, "metrics", "s00012"), pd.DataFrame(rows)[store.SCHEMAS["metrics"].names], check_dtype=False
    )


def test_results_say_what_they_are_in_a_line(study: Path) -> None:
    assert repr(store.load(study)) == f"<Results {str(study)!r}: 0 runs of 0 trials (none)>"
    ended = ("diverged", "failed", "diverged")
    rows = [run_row(f"00012-{seed}") | {"status": status} for seed, status in enumerate(ended)]
    store.write(study, "runs", "00012", rows)
    assert repr(store.load(study)) == f"<Results {str(study)!r}: 3 runs of 1 trial (2 diverged, 1 failed)>"


def test_a_pose_keeps_every_bit(study: Path) -> None:
    pose = np.random.default_rng(0).normal(size=51).astype(np.float32)
    store.write(study, "gallery", "a", [{"run_id": "a-0", "kind": "path", "index": 0, "t": 0.5, "pose": pose}])
    assert np.array_equal(store.load(study).gallery["pose"][0], pose)


def test_trial_ids_stay_text(study: Path) -> None:
    store.write(study, "runs", "00012", [run_row()])
    assert store.load(study).runs["trial_id"].tolist() == ["00012"]


def test_writing_again_gives_the_same_bytes_and_no_second_row(study: Path) -> None:
    path = store.write(study, "metrics", "s00012", [metric()], code_version="1")
    before = path.read_bytes()
    store.write(study, "metrics", "s00012", [metric()], code_version="1")
    assert path.read_bytes() == before
    assert len(store.load(study).metrics) == 1


def test_writing_replaces_the_trials_rows(study: Path) -> None:
    store.write(study, "metrics", "s00012", [metric(), metric("s00012-1")])
    store.write(study, "metrics", "s00012", [metric(value=0.5)])
    assert store.load(study).metrics["value"].tolist() == [0.5]


def test_the_footer_is_kept(study: Path) -> None:
    path = store.write(study, "metrics", "a", [metric()], code_version="0.1", data_fingerprint="abc")
    footer = pq.read_schema(path).metadata
    assert (footer[b"schema_version"], footer[b"code_version"]) == (store.SCHEMA_VERSION.encode(), b"0.1")
    assert footer[b"data_fingerprint"] == b"abc"


@pytest.mark.parametrize("change", [{"surplus": 1}, None])
def test_wrong_columns_are_refused(study: Path, change: dict[str, int] | None) -> None:
    row = metric() | (change or {})
    if change is None:
        del row["unit"]
    with pytest.raises(ValueError, match="metrics has the columns"):
        store.write(study, "metrics", "a", [row])


@pytest.mark.parametrize("table", store.TABLES)
def test_an_empty_table_has_the_types_of_a_full_one(study: Path, table: str) -> None:
    nothing_there = getattr(store.load(study), table)
    store.write(study, table, "a", [])
    nothing_in_it = getattr(store.load(study), table)
    assert nothing_there.columns.tolist() == store.SCHEMAS[table].names
    pd.testing.assert_series_equal(nothing_there.dtypes, nothing_in_it.dtypes)
    assert pd.api.types.is_string_dtype(nothing_there["run_id"])


@pytest.mark.parametrize("keep", [0, 3, 200, -1])
def test_a_truncated_file_is_named_and_the_rest_read(study: Path, keep: int) -> None:
    path = store.write(study, "metrics", "bad", [metric("bad-0")])
    store.write(study, "metrics", "good", [metric("good-0")])
    store.write(study, "runs", "good", [run_row("good-0")])
    path.write_bytes(path.read_bytes()[:keep])
    results = store.load(study)
    assert results.metrics["run_id"].tolist() == ["good-0"]
    assert [damage.file for damage in results.damaged] == ["metrics/bad.parquet"]


def test_a_flipped_bit_in_the_data_is_noticed(study: Path) -> None:
    values = np.random.default_rng(0).normal(size=500)
    path = store.write(study, "metrics", "a", [metric(value=value, n_reference=n) for n, value in enumerate(values)])
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(bytes(content))
    (damaged,) = store.load(study).damaged
    assert "not a whole Parquet file" in damaged.value


def test_a_study_of_a_former_schema_is_told_apart_from_a_damaged_one(study: Path) -> None:
    store.write(study, "runs", "a", [run_row()])
    path = study / "runs" / "a.parquet"
    table = pq.read_table(path).drop_columns(["fold", "model_sha256"])
    pq.write_table(table.replace_schema_metadata({"schema_version": "1"}), path)
    with pytest.raises(UserError, match=r"made by version 1 of the tables; analyse it with acai-ray 0\.1\.0"):
        store.load(study)


def test_another_schema_is_named(study: Path) -> None:
    store.write(study, "metrics", "a", [metric()])
    store.write(study, "runs", "a", [run_row()])
    table = pq.read_table(study / "metrics" / "a.parquet")
    pq.write_table(table.replace_schema_metadata({"schema_version": "0"}), study / "metrics" / "old.parquet")
    pq.write_table(table.drop_columns(["unit"]), study / "metrics" / "short.parquet")
    damaged = store.load(study).damaged
    assert [damage.file for damage in damaged] == ["metrics/old.parquet", "metrics/short.parquet"]
    assert "schema version 2, but this has version 0" in str(damaged[0])
    assert "columns differ" in str(damaged[1])


def test_damage_has_its_parts_as_fields_and_is_a_sentence(study: Path) -> None:
    """Nothing needs to take a sentence apart, whatever a file is called."""
    store.write(study, "runs", "a: b, but c", [run_row("a-0") | {"trial_id": "a: b, but c"}])
    (study / "metrics").mkdir()
    (study / "metrics" / "d: e.parquet").write_bytes(b"half")
    lost, half = sorted(store.load(study).damaged, key=lambda damage: damage.file)
    assert (lost.folder, lost.name) == ("metrics", "a: b, but c.parquet")
    assert str(lost) == (
        "metrics/a: b, but c.parquet: every run marked done must have its numbers, but a-0 has none and enters no "
        "comparison; copy the file again from where it was made"
    )
    assert (half.name, half.rule) == ("d: e.parquet", "a table's file must be whole")
    assert half.value.startswith("this is not a whole Parquet file (")
    assert str(half).endswith("); the file is left out, copy it again from where it was made")


def test_a_killed_writers_temporary_file_is_ignored(study: Path) -> None:
    store.write(study, "metrics", "a", [metric()])
    store.write(study, "runs", "a", [run_row()])
    (study / "metrics" / ".a.parquet.4711.tmp").write_bytes(b"half")
    results = store.load(study)
    assert (len(results.metrics), results.damaged) == (1, [])


@pytest.mark.parametrize("content", ["{", "[1]", "\xff"])
def test_a_bad_study_json_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "study.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError, match=r"study\.json must"):
        store.load(tmp_path)


def test_studies_are_found_one_by_one_or_in_a_folder(study: Path) -> None:
    write_json(study / "b" / "study.json", {})
    write_json(study / "a" / "study.json", {})
    assert store.studies(study) == [study]
    (study / "study.json").unlink()
    assert store.studies(study) == [study / "a", study / "b"]
    with pytest.raises(UserError, match="has none"):
        store.studies(study / "nowhere")


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("valid", "none", "reconstruction", "mpjpe", "mean", "mm"), "reconstruction_mpjpe_mm"),
        (("test", "path", "bone_excess", "none", "mean", "mm"), "test_path_bone_excess_mm"),
        (("test", "none", "smoothness_ratio", "none", "median", "1"), "test_smoothness_ratio_median"),
        (("train", "prior", "recall", "euclidean", "variance", "m2"), "train_prior_recall_euclidean_m_variance"),
        (("test", "path", "coverage", "none", "value", "1"), "test_path_coverage"),
    ],
)
def test_summary_names_its_columns_by_metric_name(study: Path, parts: tuple[str, ...], name: str) -> None:
    keys = ("split", "sampler", "metric", "distance", "statistic", "unit")
    store.write(study, "runs", "a", [run_row("a-0"), run_row("a-1")])
    store.write(study, "metrics", "a", [metric("a-0", **dict(zip(keys, parts, strict=True)))])
    assert store.metric_name(*parts) == name
    summary = store.load(study).summary().set_index("run_id")
    assert summary.loc["a-0", name] == 0.25
    assert np.isnan(summary.loc["a-1", name])


def test_summary_takes_the_largest_reference_set(study: Path) -> None:
    store.write(study, "runs", "a", [run_row("a-0")])
    rows = [metric("a-0", n_reference=n, value=v) for n, v in ((20_000, 1.1), (180_000, 0.9), (1_024, 1.4))]
    store.write(study, "metrics", "a", rows)
    assert store.load(study).summary()["test_path_coverage"].tolist() == [0.9]


def test_summary_of_a_study_without_metrics_has_its_runs(study: Path) -> None:
    assert len(store.load(study).summary()) == 0
    store.write(study, "runs", "a", [run_row("a-0")])
    assert store.load(study).summary()["run_id"].tolist() == ["a-0"]


def test_of_the_small_tables_alone_the_others_are_empty(study: Path) -> None:
    pose = np.zeros(51, np.float32)
    store.write(study, "runs", "a", [run_row("a-0")])
    store.write(study, "metrics", "a", [metric("a-0")])
    store.write(study, "gallery", "a", [{"run_id": "a-0", "kind": "path", "index": 0, "t": 0.5, "pose": pose}])
    whole = store.load(study)
    assert len(whole.gallery) == 1
    for small in (store.load(study, SMALL), whole.small()):
        assert [table for table in store.TABLES if len(getattr(small, table))] == ["runs", "metrics"]
        pd.testing.assert_frame_equal(small.summary(), whole.summary())
        pd.testing.assert_series_equal(small.gallery.dtypes, whole.gallery.dtypes)
