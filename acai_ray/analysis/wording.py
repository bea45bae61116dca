"""How numbers, cells and verdicts are put into words."""

import math
from collections.abc import Mapping
from typing import Any

from acai_ray.protocol.statistics import LEVEL, family_capacity, smallest_p

MISSING = "–"


def number(value: float, digits: int = 4) -> str:
    """A value with `digits` significant digits and a true minus sign; a dash where there is none."""
    if not math.isfinite(value):
        return MISSING
    return f"{value:.{digits}g}".replace("-", "−") if abs(value) < 10**digits else f"{value:,.0f}".replace("-", "−")


def signed(value: float) -> str:
    """A difference with its sign, three significant digits."""
    return MISSING if not math.isfinite(value) else ("+" if value > 0 else "") + number(value, 3)


def estimate(value: float, low: float, high: float) -> str:
    """`−0.11 [−0.98, +0.76]`: all three to the second digit of the interval's half width; a dash for no interval.

    That is how an uncertainty is given (JCGM 100:2008, 7.2.6). A sign stays where the digits are zeros.
    """
    half = (high - low) / 2
    if not math.isfinite(half) or half <= 0:
        return f"{signed(value)} {MISSING}"
    decimals = max(0, 1 - math.floor(math.log10(half)))
    shown, *ends = (f"{end:+.{decimals}f}".replace("-", "−") for end in (value, low, high))
    return f"{shown} [{', '.join(ends)}]"


def probability(value: float) -> str:
    """A p-value with three decimals at most, two digits where it is smaller."""
    if not math.isfinite(value):
        return MISSING
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1e}".replace("-", "−")


def cell_label(cell: Mapping[str, Any]) -> str:
    """`d = 16, λ = 0.1, γ = 0.05`."""
    return f"d = {number(cell['latent_dim'])}, λ = {number(cell['lam'], 3)}, γ = {number(cell['gamma'], 3)}"


def clean(text: object) -> str:
    """Text from a results folder made safe to print: control characters and half characters become `�`."""
    return "".join(c if c.isprintable() or c == " " else "�" for c in str(text))


def verdict(row: Mapping[str, Any], better: str, family_size: int) -> tuple[str, str]:
    """Better, worse or inconclusive, and why.

    Args:
        row: `n mean low high p p_adjusted margin chaos` of one test.
        better: `lower` or `higher`.
        family_size: how many tests share the Holm family.

    Returns:
        The verdict in one word and its reason.
    """
    if not row["n"]:
        return "inconclusive", "no pair has this number"
    decided = row["p_adjusted"] <= LEVEL
    beyond = abs(row["mean"]) > row["margin"]
    if decided and beyond and abs(row["mean"]) <= row["chaos"]:
        return "inconclusive", f"smaller than the chaos floor of {number(row['chaos'], 3)}"
    if decided and beyond:
        word = "better" if (row["mean"] < 0) == (better == "lower") else "worse"
        return word, f"adjusted p = {probability(row['p_adjusted'])}, beyond the margin of {row['margin']:g}"
    if decided:
        return "inconclusive", f"smaller than the margin of {row['margin']:g}"
    if -row["margin"] <= row["low"] and row["high"] <= row["margin"]:
        return "inconclusive", f"the interval lies within the margin of ±{row['margin']:g}"
    return "inconclusive", _undecided(row, family_size)


def _undecided(row: Mapping[str, Any], family_size: int) -> str:
    n = int(row["n"])
    if smallest_p(n) > LEVEL:
        seeds, least = ("1 seed" if n == 1 else f"{n} seeds"), number(smallest_p(n), 3)
        return f"too few seeds: {seeds} can never reach p ≤ {LEVEL:g}; the smallest p is 2/2^{n} = {least}"
    if row["p"] > LEVEL:
        within = row["low"] <= 0 <= row["high"]
        return "the interval includes 0" if within else f"p = {probability(row['p'])}, above {LEVEL:g}"
    capacity = family_capacity(n)
    if capacity < family_size and row["p"] <= smallest_p(n):
        return f"too few seeds for {family_size} tests: {n} seeds carry {capacity}"
    return f"p = {probability(row['p'])} becomes {probability(row['p_adjusted'])} among {family_size} tests"
