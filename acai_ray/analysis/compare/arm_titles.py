"""What the arms of a study are called: by their regularizers, as `study.json` has them."""

import re
from collections.abc import Iterable, Mapping

from acai_ray.analysis.wording import clean
from acai_ray.protocol.arms import Arm

TITLES: Mapping[str, str] = {Arm.ACAI: "ACAI", Arm.VANILLA: "vanilla"}
"""Where a study does not say it."""

PLAIN = re.compile(r"[a-z][a-z0-9_]{0,40}")
"""Names that may be part of a file's."""

SEVERAL = "arm"
"""The word for one of several regularizers."""


def arm_titles(study: Mapping[str, object], arms: Iterable[str]) -> dict[str, str]:
    """The title of each arm, in the study's order."""
    parts = study.get("regularizers")
    known = parts if isinstance(parts, Mapping) else {}
    order = {name: place for place, name in enumerate(known)}
    ordered = sorted(set(arms), key=lambda arm: (order.get(arm, len(order)), arm))
    return {arm: _title(arm, known.get(arm)) for arm in ordered}


def file_name(stem: str, place: int, arm: str) -> str:
    """What a file of one arm is called: by its name, or by its place among the arms where that is no plain word.

    A study may come from a stranger, whose names must not lead out of the report's folder, nor into its markup.
    """
    return f"{stem}_{arm}" if PLAIN.fullmatch(arm) else f"{stem}_arm{place + 1}"


def lambda_label(study: Mapping[str, object], titles: Mapping[str, str]) -> str:
    """λ with its unit, where all arms have the same one; ACAI's is m², as a pure number is weighed against L_rec."""
    parts = study.get("regularizers")
    known = parts if isinstance(parts, Mapping) else {}
    units = {_unit(arm, known.get(arm)) for arm in titles or [Arm.ACAI]}
    unit = units.pop() if len(units) == 1 else ""
    return f"λ ({unit})" if unit else "λ"


def _unit(arm: str, part: object) -> str:
    unit = part.get("unit") if isinstance(part, Mapping) else None
    if isinstance(unit, str) and unit.isprintable():
        return unit
    return "m²" if arm == Arm.ACAI else ""


def one_word(titles: Mapping[str, str]) -> str:
    """What is compared with vanilla: the only regularizer's title, or the word for one of several."""
    return next(iter(titles.values())) if len(titles) == 1 else SEVERAL if titles else TITLES[Arm.ACAI]


def _title(arm: str, part: object) -> str:
    title = part.get("title") if isinstance(part, Mapping) else None
    return title if isinstance(title, str) and title.isprintable() and title else TITLES.get(arm, clean(arm))
