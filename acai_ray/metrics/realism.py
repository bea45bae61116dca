"""Whether a classifier can tell generated poses from real ones."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from acai_ray.common.arrays import as_tensor
from acai_ray.metrics.auc import auc
from acai_ray.metrics.bones import bone_lengths

FEWEST = 40
"""The fewest poses of a kind that say anything: the classifier puts at least 20 poses into each of its leaves."""

RealismJudge: TypeAlias = Callable[[Any], Tensor]
"""Scores of poses, `(N, 17, 3)` to `(N,)`: the higher, the more a pose looks generated."""


def realism_judge(real: Any, generated: Any) -> RealismJudge:
    """A classifier that learned to tell generated poses from real ones, for `realism_auc`.

    It is scikit-learn's histogram gradient boosting with its default settings on the coordinates, as seen from the
    root joint, and the 16 bone lengths. It takes as many poses of one kind as of the other. The same poses always give
    the same classifier, which one thread fits.

    Args:
        real: `(N, 17, 3)` metres.
        generated: `(M, 17, 3)` metres, of the same people; of the larger set the first poses are taken.
    """
    # Imported here, because it takes as long as torch and only an evaluation needs it.
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    n = min(len(real), len(generated))
    poses = np.concatenate([_features(real)[:n], _features(generated)[:n]])
    # Stopping early would hold a random part of the poses back.
    classifier = HistGradientBoostingClassifier(early_stopping=False, random_state=0)
    with threadpool_limits(1, "openmp"):
        classifier.fit(poses, np.repeat([0, 1], n))

    def judge(poses: Any) -> Tensor:
        with threadpool_limits(1, "openmp"):
            return torch.from_numpy(classifier.decision_function(_features(poses)))

    return judge


def realism_auc(judge: RealismJudge, real: Any, generated: Any) -> Tensor:
    """AUC of the classifier two-sample test (Lopez-Paz and Oquab 2017): how well it tells the two sets apart.

    Args:
        judge: of `realism_judge`, which must have learned from other poses, best of other people.
        real: `(N, 17, 3)` metres.
        generated: `(M, 17, 3)` metres, of the same people as `real`.

    Returns:
        Scalar in [0, 1]: 1/2 where the judge cannot tell them, 1 where it tells each. What it learned from other
        people may not hold for these: a low value is no proof.
    """
    return auc(judge(generated), judge(real))


def _features(poses: Any) -> NDArray[np.float32]:
    """Coordinates from the root and bone lengths, `(N, 17, 3)` to `(N, 64)`.

    The root of a real pose is at the origin exactly, and that of a decoded one nearly: it alone would give every
    decoded pose away.
    """
    joints = as_tensor(poses)
    from_root = (joints[:, 1:] - joints[:, :1]).flatten(1)
    both: NDArray[np.float32] = torch.cat([from_root, bone_lengths(joints)], 1).cpu().numpy()
    return both
