"""Whether a critic has learned what it was trained for."""

from typing import Any

import torch

from acai_ray.common.arrays import as_tensor
from acai_ray.metrics.auc import auc


def critic_health(mixed: Any, real: Any, alpha: Any, reconstructed: Any) -> dict[str, float]:
    """The critic's two loss terms, and how its answers follow α.

    An uninformed critic answers 1/8 always: 7/192, 1/64 and 5/96 for α ~ U(0, 0.5), AUC 0.5.

    Args:
        mixed: `(n,)` answers `d(x̂_α)`.
        real: `(n,)` answers `d(γ x + (1-γ) x̂)`.
        alpha: `(n,)` the α of `mixed`.
        reconstructed: `(m,)` answers `d(x̂)`.

    Returns:
        `alpha_mse` mean of `(d(x̂_α) - α)²`, `real_mse` mean of `d(γ x + (1-γ) x̂)²`, `loss` their sum, `auc` of mixed
        against reconstructed, and `correlation` of `d(x̂_α)` with α, which is absent where one of them is constant.
    """
    answers, blends, targets, plain = (as_tensor(values).double() for values in (mixed, real, alpha, reconstructed))
    alpha_mse, real_mse = (answers - targets).square().mean(), blends.square().mean()
    health = {"alpha_mse": alpha_mse, "real_mse": real_mse, "loss": alpha_mse + real_mse, "auc": auc(answers, plain)}
    if answers.max() > answers.min() and targets.max() > targets.min():
        health["correlation"] = torch.corrcoef(torch.stack([answers, targets]))[0, 1]
    return {name: float(value) for name, value in health.items()}
