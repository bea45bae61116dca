"""The statistics under which a metric of many poses or pairs is reported."""

from typing import Any

import numpy as np

from acai_ray.common.arrays import as_tensor


def statistics(values: Any) -> dict[str, float]:
    """Mean, unbiased variance and median of the finite values.

    Args:
        values: any shape; NaN stands for a value that is not defined.

    Returns:
        `mean`, `variance`, `median`, `n` values used and `n_left_out`. What is not defined is absent, never NaN: the
        variance of a single value, everything but the counts where no value is left.
    """
    every = as_tensor(values).detach().double().cpu().numpy().ravel()
    used = every[np.isfinite(every)]
    summary: dict[str, float] = {"n": len(used), "n_left_out": len(every) - len(used)}
    if len(used):
        summary |= {"mean": float(used.mean()), "median": float(np.median(used))}
    if len(used) > 1:
        summary["variance"] = float(used.var(ddof=1))
    return summary
