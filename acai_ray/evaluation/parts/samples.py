"""How generated poses relate to real ones: distances in both directions, and as sets."""

from collections.abc import Mapping

from acai_ray import metrics
from acai_ray.common.units import MM
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import DISTANCES, distances, one, row
from acai_ray.evaluation.samples import Samples
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses.splits import Split


def samples(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """What the model's own samplers gave, against the real poses of a split."""
    sample_rows(measured.samples, measured.yardstick, split, out)


def sample_rows(samples: Mapping[str, Samples], yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """Everything that is measured of each sampler's poses on one split."""
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


def _precision(sampler: str, generated: Samples, yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    sets = {"precision": "augmented", "precision_plain": "train"} if split == "train" else {"precision": split}
    if sampler == "real" and split == "train":
        return  # the poses are themselves among those that would be searched
    for name, real in sets.items():
        references = yardstick.references[real]
        for distance in DISTANCES:
            nearest = metrics.nearest_distances(generated.some, references, distance)
            out.metrics.extend(distances(split, sampler, name, distance, nearest, len(references)))


def _sets(sampler: str, generated: Samples, yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """How the generated poses, as a set, relate to as many real ones."""
    targets, config = yardstick.arranged_targets[split], yardstick.config
    some, n = generated.first(len(targets)), len(targets)
    k, precision_k = config.neighbours, config.precision_neighbours
    density, coverage = metrics.density_coverage(targets, some, k=k, real_radii=yardstick.radii[split, k])
    precision, recall = metrics.precision_recall(
        targets,
        some,
        k=precision_k,
        real_radii=yardstick.radii[split, precision_k],
        fake_radii=generated.radii(n, precision_k),
    )
    values = {"density": density, "coverage": coverage, "improved_precision": precision, "improved_recall": recall}
    for name, value in values.items():
        out.metrics.append(one(split, sampler, name, "1", value, n, len(some)))
    frechet = metrics.frechet_distance(some.poses.cpu(), targets.poses.cpu())  # small, and in float64
    out.metrics.append(one(split, sampler, "frechet", "m2", frechet, n, len(some)))


def _diversity(samples: Mapping[str, Samples], yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """Mean pairwise distance of what each sampler gave, beside that of the real poses: larger is not better."""
    sets = {name: of_sampler.some for name, of_sampler in samples.items()} | {"real": yardstick.targets[split]}
    for sampler, poses in sets.items():
        some = poses[: yardstick.config.diverse]
        apd = MM * float(metrics.apd(some))
        out.metrics.append(
            row(split=split, sampler=sampler, metric="apd", distance="mpjpe", value=apd, unit="mm", n=len(some))
        )
