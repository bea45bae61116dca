"""How numbers, cells, settings and margins are put into words; why a verdict is what it is stands in `reasons`."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from acai_ray.protocol.arms import Arm
from acai_ray.protocol.controls import CHAOS_LAM
from acai_ray.protocol.primary import PRIMARY, Metric

MISSING = "–"

NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

SPLITS = {"train": "training", "valid": "validation", "test": "test"}
"""The splits as a reader knows them."""

SETTING_SYMBOLS = {"latent_dim": "d", "lam": "λ", "gamma": "γ"}

CHAOS_LAMBDA = f"{CHAOS_LAM:.0e}".replace("e-0", "e-")
"""The λ of the chaos control as text, `1e-6`."""


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


def cell_label(cell: Mapping[str, Any], titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """`d = 16, λ = 0.1, γ = 0.05`; with the title of its arm before it where there are several."""
    arm = f"{titles[cell['arm']]}, " if len(titles) > 1 else ""
    gamma = f", γ = {number(cell['gamma'], 3)}" if has_gamma(cell) else ""
    return f"{arm}d = {number(cell['latent_dim'])}, λ = {number(cell['lam'], 3)}{gamma}"


def has_gamma(cell: Mapping[str, Any]) -> bool:
    """Whether γ means anything in a cell: it is a setting of ACAI's critic."""
    return bool(cell.get("arm", Arm.ACAI) == Arm.ACAI)


def clean(text: object) -> str:
    """Text from a results folder made safe to print: control characters and unpaired surrogates become `�`."""
    return "".join(c if c.isprintable() or c == " " else "�" for c in str(text))


def counted(n: int, thing: str, single: str = "") -> str:
    """`1 pair`, `2 pairs`; where the plural is another word it is `thing`: `2 people`, `1 person`."""
    if single:
        return f"{n} {single if n == 1 else thing}"
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def joined(texts: Sequence[str], word: str = "and") -> str:
    """`a, b and c`."""
    return f" {word} ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def in_words(n: int) -> str:
    """A number from 0 to 9 as a word, a larger one in digits."""
    return NUMBER_WORDS[n] if n < len(NUMBER_WORDS) else str(n)


def setting_label(name: str) -> str:
    """`d`, `λ`, `γ`, and every other setting by its own name."""
    return SETTING_SYMBOLS.get(name, clean(name))


def describe_margins(margins: Mapping[str, float]) -> str:
    """The margins in one line: `Reconstruction MPJPE 1 mm, …`; a margin that was changed says from what."""
    return ", ".join(_margin(metric, margins[metric.name]) for metric in PRIMARY)


def _margin(metric: Metric, margin: float) -> str:
    described = f"{metric.label} {margin:g} {metric.unit}".strip()
    return described if margin == metric.margin else f"{described} (changed from {metric.margin:g})"
