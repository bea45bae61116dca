"""How generated poses lie to real ones: distances both ways, and as sets."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from acai_ray import metrics
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.metric_rows import MM, by_subject, distances, one, row
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses.splits import Split

DISTANCES: tuple[metrics.Distance, ...] = ("mpjpe", "euclidean")
RECALL_SIZES = (1_024, 20_000)
"""Numbers of generated poses at which recall is given besides the full one."""


@dataclass(frozen=True)
class Samples:
    """What one sampler gave: some poses for precision, and all in parts that recall adds one after another."""

    some: Tensor
    parts: list[metrics.ReferencePoses]

    @classmethod
    def of(cls, poses: Tensor, targets: int) -> "Samples":
        """From all poses, `(N, 17, 3)`, and how many are held against real ones."""
        sizes = [size for size in RECALL_SIZES if size < len(poses)]
        return cls(poses[:targets], [metrics.ReferencePoses(part) for part in poses.tensor_split(sizes)])


def sample_rows(samples: Mapping[str, Samples], yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """Everything that is said of each sampler's poses on one split."""
    for sampler, generated in samples.items():
        _recall(sampler, generated, yardstick, split, out)
        _precision(sampler, generated, yardstick, split, out)
        _sets(sampler, generated, yardstick, split, out)
    _diversity(samples, yardstick, split, out)


def _recall(sampler: str, generated: Samples, yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """Recall distance for growing numbers of generated poses."""
    for distance in DISTANCES:
        best, n = None, 0
        for part in generated.parts:
            best = metrics.nearest_distances(yardstick.targets[split], part, distance, best=best)
            n += len(part)
            out.metrics.extend(distances(split, sampler, "recall", distance, best, n))
        if distance == "mpjpe" and best is not None:
            subjects = yardstick.target_subjects[split]
            out.subjects.extend(by_subject(split, f"{sampler}_recall", "mm", best * MM, subjects))


def _precision(sampler: str, generated: Samples, yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    sets = {"precision": "augmented", "precision_plain": "train"} if split == "train" else {"precision": split}
    if sampler == "real" and split == "train":
        return  # they are the very poses they would be searched among
    for name, real in sets.items():
        references = yardstick.references[real]
        for distance in DISTANCES:
            found = metrics.nearest_distances(generated.some, references, distance)
            out.metrics.extend(distances(split, sampler, name, distance, found, len(references)))


def _sets(sampler: str, generated: Samples, yardstick: Yardstick, split: Split, out: Evaluation) -> None:
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
        out.metrics.append(one(split, sampler, name, "1", value, *counts))
    out.metrics.append(one(split, sampler, "frechet", "m2", metrics.frechet_distance(some, targets), *counts))


def _diversity(samples: Mapping[str, Samples], yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """Mean pairwise distance of what each sampler gave, beside that of the real poses: larger is not better."""
    sets = {name: of.some for name, of in samples.items()} | {"real": yardstick.targets[split]}
    for sampler, poses in sets.items():
        some = poses[: yardstick.config.diverse]
        apd = MM * float(metrics.apd(some))
        out.metrics.append(row(split, sampler, "apd", "mpjpe", "value", apd, "mm", len(some), 0, 0))
