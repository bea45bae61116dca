"""The columns of the tables, and the names of the metrics."""

from collections.abc import Iterable

import pyarrow as pa

from acai_ray.common.skeleton import POSE_DIM

SCHEMA_VERSION = "2"

FORMER_VERSIONS = {"1": "0.1.0"}
"""Schema versions that this program no longer reads, with the last version of the program that did."""

_text, _real, _int = pa.string(), pa.float64(), pa.int64()
_SETTINGS = {
    "codes": _text,
    "network": _text,
    "width": _int,
    "depth": _int,
    "norm": _text,
    "critic_norm": _text,
    "dropout": _real,
    "critic": pa.bool_(),
    "optimizer": _text,
    "lr": _real,
    "critic_lr": _real,
    "weight_decay": _real,
    "schedule": _text,
    "final_lr_fraction": _real,
    "batch_size": _int,
    "epochs_planned": _int,
    "steps_per_epoch": _int,
    "rotation_deg": _real,
    "flip_probability": _real,
    "matmul_precision": _text,
}
SETTINGS = tuple(_SETTINGS)
"""The columns of `runs` that hold the settings of a trial that its vanilla twin shares, besides latent_dim."""

_METRICS = {
    "split": _text,
    "metric": _text,
    "sampler": _text,
    "distance": _text,
    "statistic": _text,
    "value": _real,
    "unit": _text,
    "n": _int,
    "n_reference": _int,
    "n_left_out": _int,
}

SCHEMAS: dict[str, pa.Schema] = {
    "runs": pa.schema(
        {
            "run_id": _text,
            "trial_id": _text,
            "seed": _int,
            "arm": _text,
            "phase": _text,
            "control": _text,
            "fold": _int,
            "pick": _text,
            "latent_dim": _int,
            "regularizer": _text,
            "options": _text,
            "lam": _real,
            "gamma": _real,
            **_SETTINGS,
            "status": _text,
            "reason": _text,
            "epochs": _int,
            "steps": _int,
            "wall_s": _real,
            "device": _text,
            "node": _text,
            "threads": _int,
            "mode": _text,
            "model_sha256": _text,
        }
    ),
    "metrics": pa.schema({"run_id": _text, **_METRICS}),
    "sensitivity": pa.schema({"run_id": _text, "fraction": _real, **_METRICS}),
    "history": pa.schema(
        {
            "run_id": _text,
            "epoch": _int,
            "loss_rec": _real,
            "valid_mpjpe_mm": _real,
            "lr": _real,
            "train_s": _real,
            "eval_s": _real,
        }
    ),
    "curves": pa.schema(
        {
            "run_id": _text,
            "split": _text,
            "t": _int,
            "mean": _real,
            "median": _real,
            "variance": _real,
            "n": _int,
        }
    ),
    "subjects": pa.schema(
        {
            "run_id": _text,
            "split": _text,
            "subject": _text,
            "metric": _text,
            "mean": _real,
            "median": _real,
            "unit": _text,
            "n": _int,
            "n_reference": _int,
            "n_left_out": _int,
        }
    ),
    "gallery": pa.schema(
        {"run_id": _text, "kind": _text, "index": _int, "t": _real, "pose": pa.list_(pa.float32(), POSE_DIM)}
    ),
}
"""Column types of each table.

`metrics.n` counts the values a statistic summarises, `n_reference` the size of the set each was compared with (the
generated poses for a recall distance, the real ones for a precision distance; 0 where there is none) and `n_left_out`
the values left out. `sensitivity` has the same columns for samples of a `fraction` of the evaluation's sizes.
`runs.options` are the regularizer's own settings that were given, as JSON. `runs.fold` is the number of the fold that
is tested, missing where it is the test split. `runs.control` is the kind of a control, empty for a trained autoencoder
of the study. `runs.pick` names the picks of a search that a trial of its confirmation is, joined by `+`; empty for any
other trial, and for a pick's twin. `runs.model_sha256` is the hash of the run's `last.safetensors`, empty where it has
no model.
"""

OPEN = ("history",)
"""The tables that may have more columns than here, all of them numbers: the terms of a trial's regularizer."""


def with_further(table: str, columns: Iterable[str]) -> pa.Schema:
    """The schema of a file with these columns: that of its table, and in an open one those that it does not name."""
    schema = SCHEMAS[table]
    further = [name for name in columns if name not in schema.names] if table in OPEN else []
    return pa.schema([*schema, *(pa.field(name, _real) for name in further)])


TABLES = tuple(SCHEMAS)

_UNIT_SUFFIX = {"mm": "_mm", "m": "_m", "mm2": "_mm", "m2": "_m2", "1": ""}


def metric_name(split: str, sampler: str, metric: str, distance: str, statistic: str, unit: str) -> str:
    """The one-word name of a metric row.

    It reads `[train_|test_][prior_|path_]<metric>[_mpjpe_mm|_euclidean_m][_median|_variance]`. Without a prefix the
    split is valid, without a suffix the statistic is the mean (or the single value).
    """
    prefix = "".join(f"{part}_" for part, silent in ((split, "valid"), (sampler, "none")) if part != silent)
    with_distance = "" if distance == "none" else f"_{distance}"
    length = {"mpjpe": "_mm", "euclidean": "_m"}.get(distance, _UNIT_SUFFIX.get(unit, f"_{unit}"))
    suffix = "" if statistic in ("mean", "value") else f"_{statistic}"
    return f"{prefix}{metric}{with_distance}{length}{suffix}"
