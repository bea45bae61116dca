"""Metrics of poses, of sets of poses and of paths between them: pure functions on tensors or NumPy arrays."""

from acai_ray.metrics.auc import auc
from acai_ray.metrics.bones import bone_asymmetry, bone_excess, bone_length_range, bone_lengths, bone_variation
from acai_ray.metrics.codes import code_spread
from acai_ray.metrics.critic import critic_health
from acai_ray.metrics.distances import euclidean, mpjpe, pa_mpjpe
from acai_ray.metrics.noise import joint_noise
from acai_ray.metrics.paths import (
    anci,
    even_places,
    mean_curve,
    path_energy_ratio,
    smoothness_ratio,
    transition_curve,
)
from acai_ray.metrics.realism import RealismJudge, realism_auc, realism_judge
from acai_ray.metrics.search.bounds import Distance
from acai_ray.metrics.search.nearest import ReferencePoses, nearest_distances
from acai_ray.metrics.sets import (
    apd,
    balls_holding,
    density_coverage,
    frechet_distance,
    neighbour_radii,
    precision_recall,
)
from acai_ray.metrics.summary import statistics

__all__ = [
    "Distance",
    "RealismJudge",
    "ReferencePoses",
    "anci",
    "apd",
    "auc",
    "balls_holding",
    "bone_asymmetry",
    "bone_excess",
    "bone_length_range",
    "bone_lengths",
    "bone_variation",
    "code_spread",
    "critic_health",
    "density_coverage",
    "euclidean",
    "even_places",
    "frechet_distance",
    "joint_noise",
    "mean_curve",
    "mpjpe",
    "nearest_distances",
    "neighbour_radii",
    "pa_mpjpe",
    "path_energy_ratio",
    "precision_recall",
    "realism_auc",
    "realism_judge",
    "smoothness_ratio",
    "statistics",
    "transition_curve",
]
