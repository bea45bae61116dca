"""The metrics of a model's own paths, reconstructions, bodies and codes; each function is one part of an evaluation."""

import torch
from torch import Tensor

from acai_ray import metrics
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured import Measured
from acai_ray.evaluation.metric_rows import MM, by_subject, distances, one, row, summarised
from acai_ray.evaluation.samples import DISTANCES
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses.splits import Split

PATHS_AT_ONCE = 100


def reconstruction(of: Measured, split: Split, out: Evaluation) -> None:
    """MPJPE, flat Euclidean distance and PA-MPJPE of every pose of the split."""
    poses, decoded = of.yardstick.poses[split], of.decode(of.codes[split])
    found = {
        ("reconstruction", "mpjpe"): metrics.mpjpe(poses, decoded),
        ("reconstruction", "euclidean"): metrics.euclidean(poses, decoded),
        ("pa_reconstruction", "mpjpe"): metrics.pa_mpjpe(decoded, poses),
    }
    for (metric, distance), values in found.items():
        out.metrics.extend(distances(split, "none", metric, distance, values))
        if distance == "mpjpe":
            out.subjects.extend(by_subject(split, metric, "mm", values * MM, of.yardstick.subjects[split]))


def paths(of: Measured, split: Split, out: Evaluation) -> None:
    """Transition curves, smoothness, path energy and the variation of bone lengths along paths."""
    start, end = (of.encode(poses) for poses in of.yardstick.pairs[split])
    t = torch.linspace(0, 1, of.yardstick.config.transitions + 1)
    parts, energies, variations = [], [], []
    for first, second in zip(start.split(PATHS_AT_ONCE), end.split(PATHS_AT_ONCE), strict=True):
        decoded = of.paths(first, second, t)
        parts.append(metrics.transition_curve(decoded))
        energies.append(metrics.path_energy_ratio(decoded))
        variations.append(metrics.bone_variation(decoded))
    curve = torch.cat(parts)
    _curve_rows(curve, split, out)
    out.metrics.extend(summarised(split, "none", "smoothness_ratio", "1", metrics.smoothness_ratio(curve)))
    out.metrics.extend(summarised(split, "none", "path_energy", "1", torch.cat(energies)))
    out.metrics.extend(summarised(split, "none", "bone_variation", "mm", torch.cat(variations) * MM))


def _curve_rows(curve: Tensor, split: Split, out: Evaluation) -> None:
    steps = [metrics.statistics(values) for values in curve.T]
    n, n_left_out = int(steps[0]["n"]), int(steps[0]["n_left_out"])
    if not n:
        return
    for number, step in enumerate(steps, start=1):
        kept = {name: step.get(name) for name in ("mean", "median", "variance", "n")}
        out.curves.append({"split": split, "t": number, **kept})
    over_t = metrics.statistics(metrics.mean_curve(curve))
    for statistic in ("mean", "variance", "median"):
        out.metrics.append(row(split, "none", "anci", "none", statistic, over_t[statistic], "1", n, 0, n_left_out))


def mean_distance(of: Measured, split: Split, out: Evaluation) -> None:
    """Distance from interior points of paths to the nearest training pose."""
    config = of.yardstick.config
    start, end = (of.encode(poses[: config.distance_pairs]) for poses in of.yardstick.pairs[split])
    interior = torch.linspace(0, 1, config.distance_points + 2)[1:-1]
    distance_rows(of.paths(start, end, interior).flatten(0, 1), of.yardstick, split, out)


def distance_rows(points: Tensor, yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """Mean Distance of poses, `(N, 17, 3)`: to the training set augmented once, and to the plain one."""
    for name, real in (("mean_distance", "augmented"), ("mean_distance_plain", "train")):
        references = yardstick.references[real]
        for distance in DISTANCES:
            found = metrics.nearest_distances(points, references, distance)
            out.metrics.extend(distances(split, "none", name, distance, found, len(references)))


def bones(of: Measured, split: Split, out: Evaluation) -> None:
    """Bone excess and asymmetry.

    `path` poses lie between codes of this split, `prior` ones have no split and stand beside each.
    """
    n, targets = of.yardstick.config.targets, of.yardstick.targets[split]
    sets = {"path": of.path_poses(n, split)}
    if of.prior is not None:
        sets["prior"] = of.prior[:n]
    sets |= {"reconstructed": of.decode(of.encode(targets)), "real": targets}
    for sampler, poses in sets.items():
        bone_rows(sampler, poses, of.yardstick, split, out)


def bone_rows(sampler: str, poses: Tensor, yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """Bone excess and asymmetry of poses, `(N, 17, 3)`."""
    excess = metrics.bone_excess(poses, yardstick.bone_limits) * MM
    out.metrics.extend(summarised(split, sampler, "bone_excess", "mm", excess))
    out.metrics.extend(summarised(split, sampler, "bone_asymmetry", "mm", metrics.bone_asymmetry(poses) * MM))


def codes(of: Measured, split: Split, out: Evaluation) -> None:
    """How the codes lie on the sphere; nothing for models whose codes do not."""
    if not of.model.spherical:
        return
    found = of.codes[split]
    length, participation = metrics.code_spread(found)
    for name, value in (("code_resultant_length", length), ("code_participation_ratio", participation)):
        if value.isfinite():  # the ratio of codes that are all equal is not
            out.metrics.append(one(split, "none", name, "1", value, len(found)))
