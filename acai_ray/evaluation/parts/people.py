"""The primary metrics of each person: how a verdict about people is measured.

Paths lie between two poses of the same person, since a path between two bodies mixes skeletons.
"""

import torch
from torch import Tensor

from acai_ray import metrics
from acai_ray.common.units import MM
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import Row, of_person
from acai_ray.evaluation.parts.paths import PATHS_AT_ONCE
from acai_ray.evaluation.tested_person import TestedPerson
from acai_ray.poses.splits import Split


def people(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """Reconstruction, smoothness, path bone excess and path coverage of each person of a split who is tested."""
    for person in measured.yardstick.people.get(split, []):
        codes = measured.encode(person.poses)
        out.subjects.extend({"split": split, "subject": person.name, **row} for row in _rows(measured, person, codes))


def _rows(measured: MeasuredModel, person: TestedPerson, codes: Tensor) -> list[Row]:
    reconstructed = measured.decode(codes)
    errors = metrics.mpjpe(person.poses, reconstructed)
    aligned = metrics.pa_mpjpe(reconstructed, person.poses)
    bones = metrics.bone_excess(_points(measured, codes, person.points, person.point_t), measured.yardstick.bone_limits)
    coverage = _coverage(measured, person, codes)
    return [
        of_person("reconstruction", "mm", errors * MM),
        of_person("pa_reconstruction", "mm", aligned * MM),
        of_person("smoothness_ratio", "1", _smoothness(measured, person, codes)),
        of_person("path_bone_excess", "mm", bones * MM),
        of_person("path_coverage", "1", coverage, n_reference=person.targets.shape[1]),
    ]


def _points(measured: MeasuredModel, codes: Tensor, ends: Tensor, t: Tensor) -> Tensor:
    """Poses at the places `t` of the paths between codes: `(M, 17, 3)`."""
    return measured.decode(measured.model.between(codes[ends[:, 0]], codes[ends[:, 1]], t))


def _smoothness(measured: MeasuredModel, person: TestedPerson, codes: Tensor) -> Tensor:
    """The smoothness ratio of each pair."""
    t = torch.linspace(0, 1, measured.yardstick.config.transitions + 1)
    parts = [
        metrics.transition_curve(measured.paths(codes[ends[:, 0]], codes[ends[:, 1]], t))
        for ends in person.pairs.split(PATHS_AT_ONCE)
    ]
    return metrics.smoothness_ratio(torch.cat(parts))


def _coverage(measured: MeasuredModel, person: TestedPerson, codes: Tensor) -> Tensor:
    """The coverage of each draw: as many poses on paths as real ones."""
    ends, t = person.sample_ends.flatten(0, 1), person.sample_t.flatten()
    samples = _points(measured, codes, ends, t).unflatten(0, person.sample_t.shape)
    targets, generated = (poses.cpu().flatten(2).double() for poses in (person.poses[person.targets], samples))
    return (torch.cdist(targets, generated).amin(dim=2) < person.radii.cpu()).double().mean(dim=1)
