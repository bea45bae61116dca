"""Smoothness of decoded paths."""

from typing import Any

import torch
from torch import Tensor

from acai_ray.common.arrays import as_tensor
from acai_ray.metrics.distances import euclidean, mpjpe


def transition_curve(paths: Any) -> Tensor:
    """Normalised step lengths `Δ̄_t = mpjpe(P_{t-1}, P_t) / (mpjpe(P_0, P_T) / T)` (report eq. 6).

    1 everywhere for a straight, even path. The report's published code divides by points instead of transitions, so its
    curves are `(T + 1) / T` of these for a path of `T + 1` points.

    Args:
        paths: `(B, T+1, 17, 3)` poses in metres, first and last the decoded end points.

    Returns:
        `(B, T)`; rows whose end poses coincide are NaN and are counted by the caller.

    Examples:
        >>> even = torch.linspace(0, 1, 5)[:, None, None] * torch.ones(17, 3)
        >>> acai_ray.metrics.transition_curve(even[None])
        tensor([[1., 1., 1., 1.]])
    """
    poses = as_tensor(paths)
    steps = mpjpe(poses[:, :-1], poses[:, 1:])
    chord = mpjpe(poses[:, 0], poses[:, -1])[:, None]
    return steps * steps.shape[1] / chord.where(chord > 0, torch.nan)


def mean_curve(curves: Any) -> Tensor:
    """The curve that is plotted: mean over pairs for each t, rows of NaN left out.

    Args:
        curves: `(B, T)` of `transition_curve`.

    Returns:
        `(T,)`; NaN only if no pair has a curve.
    """
    return as_tensor(curves).nanmean(0)


def anci(curves: Any) -> Tensor:
    """Mean over t of the pair-averaged curve (report eq. 7): path length over chord, a detour rather than smoothness.

    Args:
        curves: `(B, T)` of `transition_curve`.

    Returns:
        Scalar, at least 1 up to rounding; NaN only if no pair has a curve.
    """
    return mean_curve(curves).mean()


def smoothness_ratio(curves: Any) -> Tensor:
    """`max_t Δ̄ / min_t Δ̄` of each pair (report eq. 6); 1 at constant speed.

    Args:
        curves: `(B, T)` of `transition_curve`.

    Returns:
        `(B,)`; NaN, to be counted by the caller, where the curve is NaN or has a still step.
    """
    lowest, highest = as_tensor(curves).aminmax(dim=1)
    return highest / lowest.where(lowest > 0, torch.nan)


def even_places(paths: Any, shares: Any) -> Tensor:
    """Places t in [0, 1] up to which a path has covered these shares of its length, which is measured by MPJPE.

    Between the given poses a path is taken to go at constant speed. A straight, even path is everywhere at its share.

    Args:
        paths: `(B, T+1, 17, 3)` poses in metres, at even steps of t from 0 to 1.
        shares: `(B,)` in [0, 1].

    Returns:
        `(B,)`; the share itself where the path stands still.
    """
    poses, wanted = as_tensor(paths), as_tensor(shares)[:, None]
    steps = mpjpe(poses[:, :-1], poses[:, 1:])
    covered = torch.nn.functional.pad(steps.cumsum(1), (1, 0))
    length = wanted * covered[:, -1:]
    last = (torch.searchsorted(covered, length, right=True) - 1).clamp(0, steps.shape[1] - 1)
    step = steps.gather(1, last)
    within = ((length - covered.gather(1, last)) / step.where(step > 0, 1)).clamp(0, 1)
    places = (last + within) / steps.shape[1]
    return places.where(covered[:, -1:] > 0, wanted).squeeze(1)


def path_energy_ratio(paths: Any) -> Tensor:
    """Energy over squared length, `T Σ‖ΔP‖² / (Σ‖ΔP‖)²` in the 51-D norm; at least 1, and 1 at constant speed.

    Args:
        paths: `(B, T+1, 17, 3)` poses in metres.

    Returns:
        `(B,)`; NaN, to be counted by the caller, where the path stands still.
    """
    poses = as_tensor(paths)
    steps = euclidean(poses[:, :-1], poses[:, 1:])
    length = steps.sum(1)
    return steps.shape[1] * steps.square().sum(1) / length.where(length > 0, torch.nan).square()
