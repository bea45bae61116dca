"""From a model and the poses to its metric rows, curves and gallery."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from acai_ray import losses, metrics
from acai_ray.config import ALIGNED, EvaluationConfig, TrialConfig
from acai_ray.latent import slerp, slerp_at
from acai_ray.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.poses.recording import SPLITS, Split
from acai_ray.rows import MM, Row, by_subject, distances, name_of, one, row, summarised
from acai_ray.state import TrainState
from acai_ray.yardstick import Yardstick

DISTANCES: tuple[metrics.Distance, ...] = ("mpjpe", "euclidean")
RECALL_SIZES = (1_024, 20_000)
"""Numbers of generated poses at which recall is given besides the full one."""

DECODED_AT_ONCE = 4_096
"""Poses whose activations still fit a CPU's cache."""

PATHS_AT_ONCE = 100


@dataclass(frozen=True)
class Evaluation:
    """Rows of the tables `metrics`, `curves`, `subjects` and `gallery`, without `run_id`."""

    metrics: list[Row] = field(default_factory=list)
    curves: list[Row] = field(default_factory=list)
    subjects: list[Row] = field(default_factory=list)
    gallery: list[Row] = field(default_factory=list)

    def objective(self, name: str) -> float | None:
        """The value of a metric by its `store.metric_name`."""
        found = [row for row in self.metrics if name_of(row) == name]
        return max(found, key=lambda row: row["n_reference"])["value"] if found else None


def metric_names(poses: PoseSet, config: EvaluationConfig) -> set[str]:
    """The names of all metrics that an evaluation gives, found by a very small one."""
    few = dict.fromkeys(("pairs", "distance_pairs", "distance_points", "critic_draws", "gallery", "diverse"), 2)
    enough = dict.fromkeys(("targets", "generated"), config.most_neighbours + 1)
    small = config.model_copy(update={**few, **enough})
    settings = TrialConfig(latent_dim=2, width=ALIGNED, depth=1)
    model = PoseModel.of_member(TrainState.start(settings, [0]).networks, 0, settings)
    return {name_of(row) for row in evaluate(model, Yardstick(poses, small)).metrics}


@torch.no_grad()
def evaluate(model: PoseModel, yardstick: Yardstick) -> Evaluation:
    """Measure one model.

    Args:
        model: on the CPU or a GPU; what it generates is compared on the CPU.
        yardstick: the draws and references.
    """
    result = Evaluation()
    codes = {split: _encode(model, poses) for split, poses in yardstick.poses.items()}
    prior = _decode(model, yardstick.prior_codes(model.latent_dim))
    path = _decode(model, yardstick.path_codes(codes["train"], yardstick.config.generated, "train"))
    generated = {"prior": _Generated.of(prior, yardstick), "path": _Generated.of(path, yardstick)}
    for split in yardstick.splits:
        result.metrics.extend(_reconstruction(model, yardstick, codes[split], split, result.subjects))
        result.metrics.extend(_path_rows(model, yardstick, split, result.curves))
        result.metrics.extend(_mean_distance(model, yardstick, split))
        for sampler, poses in generated.items():
            result.metrics.extend(_recall(yardstick, sampler, poses, split, result.subjects))
            result.metrics.extend(_precision(yardstick, sampler, poses, split))
            result.metrics.extend(_sets(yardstick, sampler, poses, split))
        result.metrics.extend(_diversity(yardstick, generated, split))
        result.metrics.extend(_bones(model, yardstick, codes[split], prior, split))
        result.metrics.extend(_spread(codes[split], split))
        if model.config.critic:
            result.metrics.extend(_critic_rows(model, yardstick, split))
    result.gallery.extend(_gallery(model, yardstick, prior))
    return result


@dataclass(frozen=True)
class _Generated:
    """What one sampler gave: some poses for precision, and all in parts that recall adds one after another."""

    some: Tensor
    parts: list[metrics.ReferencePoses]

    @classmethod
    def of(cls, poses: Tensor, yardstick: Yardstick) -> "_Generated":
        sizes = [size for size in RECALL_SIZES if size < len(poses)]
        parts = poses.tensor_split(sizes)
        return cls(poses[: yardstick.config.targets], [metrics.ReferencePoses(part) for part in parts])


def _reconstruction(
    model: PoseModel, yardstick: Yardstick, codes: Tensor, split: Split, subjects: list[Row]
) -> Iterator[Row]:
    poses, decoded = yardstick.poses[split], _decode(model, codes)
    found = {
        ("reconstruction", "mpjpe"): metrics.mpjpe(poses, decoded),
        ("reconstruction", "euclidean"): metrics.euclidean(poses, decoded),
        ("pa_reconstruction", "mpjpe"): metrics.pa_mpjpe(decoded, poses),
    }
    for (metric, distance), values in found.items():
        yield from distances(split, "none", metric, distance, values)
        if distance == "mpjpe":
            subjects.extend(by_subject(split, metric, "mm", values * MM, yardstick.subjects[split]))


def _path_rows(model: PoseModel, yardstick: Yardstick, split: Split, curves: list[Row]) -> Iterator[Row]:
    config = yardstick.config
    start, end = (_encode(model, poses) for poses in yardstick.pairs[split])
    t = torch.linspace(0, 1, config.transitions + 1)
    parts, energies, variations = [], [], []
    for first, second in zip(start.split(PATHS_AT_ONCE), end.split(PATHS_AT_ONCE), strict=True):
        paths = _paths(model, slerp(first, second, t))
        parts.append(metrics.transition_curve(paths))
        energies.append(metrics.path_energy_ratio(paths))
        variations.append(metrics.bone_variation(paths))
    curve = torch.cat(parts)
    steps = [metrics.statistics(values) for values in curve.T]
    n, n_left_out = int(steps[0]["n"]), int(steps[0]["n_left_out"])
    if n:
        for number, step in enumerate(steps, start=1):
            kept = {name: step.get(name) for name in ("mean", "median", "variance", "n")}
            curves.append({"split": split, "t": number, **kept})
        over_t = metrics.statistics(metrics.mean_curve(curve))
        for statistic in ("mean", "variance", "median"):
            yield row(split, "none", "anci", "none", statistic, over_t[statistic], "1", n, 0, n_left_out)
    yield from summarised(split, "none", "smoothness_ratio", "1", metrics.smoothness_ratio(curve))
    yield from summarised(split, "none", "path_energy", "1", torch.cat(energies))
    yield from summarised(split, "none", "bone_variation", "mm", torch.cat(variations) * MM)


def _mean_distance(model: PoseModel, yardstick: Yardstick, split: Split) -> Iterator[Row]:
    config = yardstick.config
    start, end = (_encode(model, poses[: config.distance_pairs]) for poses in yardstick.pairs[split])
    points = _decode(model, slerp(start, end, _interior(config.distance_points)).flatten(0, 1))
    for name, real in (("mean_distance", "augmented"), ("mean_distance_plain", "train")):
        references = yardstick.references[real]
        for distance in DISTANCES:
            found = metrics.nearest_distances(points, references, distance)
            yield from distances(split, "none", name, distance, found, len(references))


def _recall(
    yardstick: Yardstick, sampler: str, generated: _Generated, split: Split, subjects: list[Row]
) -> Iterator[Row]:
    """Recall distance for growing numbers of generated poses."""
    for distance in DISTANCES:
        best, n = None, 0
        for part in generated.parts:
            best = metrics.nearest_distances(yardstick.targets[split], part, distance, best=best)
            n += len(part)
            yield from distances(split, sampler, "recall", distance, best, n)
        if distance == "mpjpe" and best is not None:
            subjects.extend(by_subject(split, f"{sampler}_recall", "mm", best * MM, yardstick.target_subjects[split]))


def _precision(yardstick: Yardstick, sampler: str, generated: _Generated, split: Split) -> Iterator[Row]:
    sets = {"precision": "augmented", "precision_plain": "train"} if split == "train" else {"precision": split}
    for name, real in sets.items():
        references = yardstick.references[real]
        for distance in DISTANCES:
            found = metrics.nearest_distances(generated.some, references, distance)
            yield from distances(split, sampler, name, distance, found, len(references))


def _sets(yardstick: Yardstick, sampler: str, generated: _Generated, split: Split) -> Iterator[Row]:
    """How the generated poses, as a set, lie to as many real ones."""
    targets, config = yardstick.targets[split], yardstick.config
    some = generated.some[: len(targets)]
    k, counts = config.neighbours, (len(targets), len(some))
    found = dict(
        zip(
            ("density", "coverage"),
            metrics.density_coverage(targets, some, k=k, real_radii=yardstick.radii[split, k]),
            strict=True,
        )
    )
    k = config.precision_neighbours
    improved = metrics.precision_recall(targets, some, k=k, real_radii=yardstick.radii[split, k])
    found |= dict(zip(("improved_precision", "improved_recall"), improved, strict=True))
    for name, value in found.items():
        yield one(split, sampler, name, "1", value, *counts)
    yield one(split, sampler, "frechet", "m2", metrics.frechet_distance(some, targets), *counts)


def _diversity(yardstick: Yardstick, generated: dict[str, _Generated], split: Split) -> Iterator[Row]:
    """Mean pairwise distance of what each sampler gave, beside that of the real poses: larger is not better."""
    n = yardstick.config.diverse
    for sampler, poses in {
        **{name: of.some for name, of in generated.items()},
        "real": yardstick.targets[split],
    }.items():
        some = poses[:n]
        yield row(split, sampler, "apd", "mpjpe", "value", MM * float(metrics.apd(some)), "mm", len(some), 0, 0)


def _bones(model: PoseModel, yardstick: Yardstick, codes: Tensor, prior: Tensor, split: Split) -> Iterator[Row]:
    """Bone excess and asymmetry.

    `path` poses lie between codes of this split, `prior` ones have no split and stand beside each.
    """
    n = yardstick.config.targets
    targets = yardstick.targets[split]
    sets = {
        "path": _decode(model, yardstick.path_codes(codes, n, split)),
        "prior": prior[:n],
        "reconstructed": _decode(model, _encode(model, targets)),
        "real": targets,
    }
    for sampler, poses in sets.items():
        excess = metrics.bone_excess(poses, yardstick.bone_limits) * MM
        yield from summarised(split, sampler, "bone_excess", "mm", excess)
        yield from summarised(split, sampler, "bone_asymmetry", "mm", metrics.bone_asymmetry(poses) * MM)


def _spread(codes: Tensor, split: Split) -> Iterator[Row]:
    length, participation = metrics.code_spread(codes)
    for name, value in (("code_resultant_length", length), ("code_participation_ratio", participation)):
        if value.isfinite():  # the ratio of codes that are all equal is not
            yield one(split, "none", name, "1", value, len(codes))


def _critic_rows(model: PoseModel, yardstick: Yardstick, split: Split) -> Iterator[Row]:
    """Critic health over draws of α, each with a random pair of the split."""
    poses, n = yardstick.poses[split], yardstick.config.critic_draws
    rng = yardstick.rng(5, SPLITS.index(split))
    first, second = (poses[torch.from_numpy(rng.integers(len(poses), size=n))] for _ in range(2))
    alpha = torch.from_numpy(rng.uniform(0, losses.ALPHA_MAX, n).astype(np.float32))
    z = _encode(model, first)
    x_hat, mixed = _decode(model, z), _decode(model, slerp_at(z, _encode(model, second), alpha))
    health = metrics.critic_health(
        mixed=model.critic(mixed).cpu(),
        real=model.critic(losses.mix(first, x_hat, model.config.gamma)).cpu(),
        reconstructed=model.critic(x_hat).cpu(),
        alpha=alpha,
    )
    whole = all(map(math.isfinite, health.values()))  # a critic that came to harm at λ = 0 answers NaN
    for name, value in health.items():
        counts = (n, 0, 0) if whole else (0, 0, n)
        yield row(split, "none", f"critic_{name}", "none", "value", value if whole else None, "1", *counts)


def _gallery(model: PoseModel, yardstick: Yardstick, prior: Tensor) -> Iterator[Row]:
    """Real poses of the last split, sampled ones, and paths between the first pairs."""
    split, n = yardstick.splits[-1], yardstick.config.gallery
    for kind, poses in (("real", yardstick.targets[split][:n]), ("sample", prior[:n])):
        for index, pose in enumerate(poses):
            yield {"kind": kind, "index": index, "t": None, "pose": pose.flatten().tolist()}
    t = torch.linspace(0, 1, 9)
    start, end = (_encode(model, poses[: max(1, n // 4)]) for poses in yardstick.pairs[split])
    for index, path in enumerate(_paths(model, slerp(start, end, t))):
        for place, pose in zip(t.tolist(), path, strict=True):
            yield {"kind": "path", "index": index, "t": place, "pose": pose.flatten().tolist()}


def _interior(n: int) -> Tensor:
    """`n` even places strictly between 0 and 1."""
    return torch.linspace(0, 1, n + 2)[1:-1]


def _encode(model: PoseModel, poses: Tensor) -> Tensor:
    return torch.cat([model.encode(chunk).cpu() for chunk in poses.split(DECODED_AT_ONCE)])


def _decode(model: PoseModel, codes: Tensor) -> Tensor:
    return torch.cat([model.decode(chunk).cpu() for chunk in codes.split(DECODED_AT_ONCE)])


def _paths(model: PoseModel, codes: Tensor) -> Tensor:
    paths: Tensor = _decode(model, codes.flatten(0, 1)).unflatten(0, codes.shape[:2])
    return paths
