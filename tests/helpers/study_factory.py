"""A fabricated study, written through the store, whose paired differences are chosen by the test."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from acai_ray import store
from acai_ray.common.files import write_json
from acai_ray.protocol.primary import PRIMARY

SETTINGS: dict[str, Any] = {
    "network": "mlp",
    "width": 256,
    "depth": 2,
    "norm": "batch",
    "critic_norm": "batch",
    "dropout": 0.0,
    "critic": True,
    "optimizer": "adam",
    "lr": 0.01,
    "critic_lr": None,
    "weight_decay": 0.0,
    "schedule": "constant",
    "final_lr_fraction": 0.01,
    "batch_size": 64,
    "steps_per_epoch": 1000,
    "rotation_deg": 30.0,
    "flip_probability": 0.5,
    "matmul_precision": "highest",
}
# (metric, sampler, distance, statistic, unit): value of a vanilla run, its spread over seeds.
LEVELS: dict[tuple[str, str, str, str, str], tuple[float, float]] = {
    ("reconstruction", "none", "mpjpe", "mean", "mm"): (40.0, 1.0),
    ("smoothness_ratio", "none", "none", "median", "1"): (1.8, 0.05),
    ("bone_excess", "path", "none", "mean", "mm"): (6.0, 0.3),
    ("coverage", "path", "none", "value", "1"): (0.3, 0.01),
    ("smoothness_ratio", "none", "none", "mean", "1"): (2.0, 0.05),
    ("anci", "none", "none", "mean", "1"): (1.1, 0.01),
    ("anci", "none", "none", "median", "1"): (1.09, 0.01),
    ("mean_distance", "none", "euclidean", "mean", "m"): (0.45, 0.01),
    ("recall", "prior", "euclidean", "mean", "m"): (1.5, 0.05),
    ("precision", "prior", "euclidean", "mean", "m"): (1.9, 0.05),
    ("bone_excess", "real", "none", "mean", "mm"): (1.2, 0.0),
    ("critic_alpha_mse", "none", "none", "value", "1"): (0.03, 0.001),
    ("critic_real_mse", "none", "none", "value", "1"): (0.01, 0.001),
    ("critic_loss", "none", "none", "value", "1"): (0.04, 0.001),
    ("critic_auc", "none", "none", "value", "1"): (0.7, 0.01),
    ("code_resultant_length", "none", "none", "value", "1"): (0.78, 0.01),
}
STAND = np.array(
    [
        [0, 0, 0], [-0.13, 0, 0], [-0.13, 0.45, 0], [-0.13, 0.9, 0], [0.13, 0, 0], [0.13, 0.45, 0], [0.13, 0.9, 0],
        [0, -0.25, 0], [0, -0.5, 0], [0, -0.6, 0], [0, -0.72, 0], [0.16, -0.45, 0], [0.4, -0.35, 0], [0.6, -0.3, 0],
        [-0.16, -0.45, 0], [-0.25, -0.2, 0], [-0.27, 0.05, 0],
    ],
    dtype=np.float32,
)  # fmt: skip
"""A pose with the left arm raised, facing the camera's x–y plane."""

Difference = Callable[[str, int], float]


@dataclass
class Trial:
    """One trial: its settings, seeds and how its runs differ from vanilla.

    `differences` maps a metric's name to one number per seed, which the ACAI run has more than its twin; `people` maps
    a person to what is added to each of their primary metrics; `fold` is the trial's.
    """

    trial_id: str
    phase: str
    lam: float
    seeds: Iterable[int]
    latent_dim: int = 16
    gamma: float = 0.05
    epochs: int = 3
    differences: Mapping[str, Iterable[float]] = field(default_factory=dict)
    status: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    pictures: bool = False
    people: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(("P1", "P2", "P3"), 0.0))
    fold: int | None = None
    control: str = ""
    pick: str = ""
    regularizer: str = "acai"
    codes: str = "sphere"


def build(folder: Path, trials: Iterable[Trial], *, split: str = "test", **study: Any) -> Path:
    """Write a study; `study` replaces fields of its study.json."""
    content = {
        "study": folder.name,
        "question": "Does it help?",
        "status": "finished",
        "end": "2026-01-02T00:00:00Z",
        "space": {"grid": {"latent_dim": [16], "lambda": [0, 0.1]}, "seeds": 8, "trials": None},
        "data": {
            "name": "synthetic",
            "source": "synthetic",
            "fingerprint": "abc123",
            "synthetic": True,
            "mean_pose_loss_m2": 0.05,
        },
    }
    write_json(folder / "study.json", content | study)
    for trial in trials:
        write_trial(folder, trial, split)
    return folder


def write_trial(folder: Path, trial: Trial, split: str = "test") -> None:
    runs, metrics, history, curves, gallery, subjects = [], [], [], [], [], []
    for place, seed in enumerate(trial.seeds):
        status, reason = trial.status.get(seed, ("done", ""))
        run = _run(trial, seed, status, reason)
        runs.append(run)
        history += [_epoch(run, epoch) for epoch in range(1, trial.epochs + 1)]
        if status == "done":
            metrics += _metrics(trial, run, place, split)
            curves += [_step(run, split, t) for t in range(1, 11)]
            gallery += _pictures(run) if trial.pictures else []
            subjects += _subjects(trial, run, metrics, split)
    for table, rows in (
        ("runs", runs),
        ("metrics", metrics),
        ("history", history),
        ("curves", curves),
        ("gallery", gallery),
        ("sensitivity", _sizes(metrics) if trial.control == "chaos" else []),
        ("subjects", subjects),
    ):
        store.write(folder, table, trial.trial_id, rows)


def _run(trial: Trial, seed: int, status: str, reason: str) -> dict[str, Any]:
    return dict.fromkeys(store.SCHEMAS["runs"].names) | {
        "run_id": f"{trial.trial_id}-{seed}",
        "trial_id": trial.trial_id,
        "seed": seed,
        "arm": "control" if trial.phase == "control" else trial.regularizer if trial.lam > 0 else "vanilla",
        "phase": trial.phase,
        "control": trial.control,
        "fold": trial.fold,
        "pick": trial.pick,
        "latent_dim": trial.latent_dim,
        "regularizer": trial.regularizer,
        "options": "{}",
        "codes": trial.codes,
        "lam": trial.lam,
        "gamma": trial.gamma,
        **SETTINGS,
        "epochs_planned": trial.epochs,
        **trial.settings,
        "status": status,
        "reason": reason,
        "epochs": trial.epochs,
        "steps": trial.epochs * 1000,
        "wall_s": 1.0,
        "device": "cpu",
        "node": "",
        "threads": 1,
        "mode": "eager",
        "model_sha256": "",
    }


def _metrics(trial: Trial, run: dict[str, Any], place: int, split: str) -> list[dict[str, Any]]:
    rows = []
    for key, (level, spread) in LEVELS.items():
        metric, sampler, distance, statistic, unit = key
        where = "valid" if metric.startswith("critic") else split
        name = store.metric_name("valid", sampler, metric, distance, statistic, unit)
        noise = np.random.default_rng([run["seed"], len(rows)]).normal() * spread
        value = level + noise + list(trial.differences.get(name, [0.0] * (place + 1)))[place]
        rows.append(
            {"run_id": run["run_id"], "split": where, "metric": metric, "sampler": sampler, "distance": distance}
            | {"statistic": statistic, "value": value, "unit": unit, "n": 100, "n_reference": 20000, "n_left_out": 0}
        )
    return rows


def _sizes(metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the first run gives at shares of its sample sizes: the smaller, the larger."""
    first = [row for row in metrics if row["run_id"] == metrics[0]["run_id"]]
    return [{**row, "fraction": share, "value": row["value"] / share} for share in (0.25, 0.5, 1.0) for row in first]


def _subjects(trial: Trial, run: dict[str, Any], metrics: list[dict[str, Any]], split: str) -> list[dict[str, Any]]:
    """The primary metrics of every person: the run's own numbers and what the trial adds for that person."""
    columns = {metric.column: metric for metric in PRIMARY}
    rows = []
    for row in metrics:
        name = store.metric_name("valid", *(row[key] for key in ("sampler", "metric", "distance", "statistic", "unit")))
        if row["run_id"] == run["run_id"] and row["split"] == split and name in columns:
            rows += [
                {"run_id": run["run_id"], "split": split, "subject": person, "metric": columns[name].of_person}
                | {"mean": row["value"] + more, "median": row["value"] + more, "unit": row["unit"]}
                | {"n": 100, "n_reference": 0, "n_left_out": 0}
                for person, more in trial.people.items()
            ]
    return rows


def _epoch(run: dict[str, Any], epoch: int) -> dict[str, Any]:
    return {"run_id": run["run_id"], "epoch": epoch, "loss_rec": 0.02 / epoch, "loss_adv": 0.1 * run["lam"]} | {
        "critic_alpha_mse": 0.03, "critic_real_mse": 0.01, "valid_mpjpe_mm": 40 + 30 / epoch, "lr": 0.01,
        "train_s": 1.0, "eval_s": 0.1,
    }  # fmt: skip


def _step(run: dict[str, Any], split: str, t: int) -> dict[str, Any]:
    mean = 1 + (0.1 + 0.3 * run["lam"]) * np.sin(t / 11 * np.pi)
    return {"run_id": run["run_id"], "split": split, "t": t, "mean": mean, "median": mean, "variance": 0.1, "n": 100}


def _pictures(run: dict[str, Any]) -> list[dict[str, Any]]:
    poses = [("real", i, None, 0.1 * i) for i in range(9)] + [("sample", i, None, 0.2 * i) for i in range(9)]
    poses += [("path", i, t / 16, (0.5 + i) * t / 16) for i in range(3) for t in range(17)]
    return [
        {"run_id": run["run_id"], "kind": kind, "index": index, "t": t, "pose": _turned(angle).reshape(-1).tolist()}
        for kind, index, t, angle in poses
    ]


def _turned(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return (STAND @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], dtype=np.float32)).astype(np.float32)
