"""Names of people: one spelling for each, and a word where names may not mean what they seem to."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from acai_ray.poses.index import named
from acai_ray.poses.recording import Recording, Source
from acai_ray.poses.splits import HUMAN36M

OF_HUMAN36M = re.compile(r"(?:s|subject)?[ _-]?0*([1-9][0-9]*)", re.IGNORECASE)
"""How files spell Human3.6M's subjects: `S1`, `s1`, `S_01`, `1`."""


def spelled_alike(source: Source, listed: bool) -> Source:
    """The source with Human3.6M's people under their own names, and with notes on names that may mislead.

    Args:
        source: what a reader gave.
        listed: whether the user says who trains, validates and tests, so that no split goes by names.
    """
    names = list(dict.fromkeys(name for part in source.recordings for name in part.index["subject"].cat.categories))
    brings_split = all(part.parts for part in source.recordings)
    notes = [*source.notes]
    asked = [] if source.motion_capture else names
    found = {name: spelled for name in asked if (spelled := _of_human36m(name))}
    if found and len(found) == len(names) and not brings_split:
        if changed := {name: spelled for name, spelled in found.items() if name != spelled}:
            source = replace(source, recordings=[_renamed(part, changed) for part in source.recordings])
            notes.append(
                f"people are taken for Human3.6M's: {', '.join(f'{old!r} for {new}' for old, new in changed.items())}; "
                "if they are not, name them otherwise"
            )
    else:
        notes += _alike_but_for_case(names)
        others = [name for name in names if name not in found]
        if any(name.upper() in HUMAN36M for name in found) and not (brings_split or listed):
            notes.append(
                f"Human3.6M's split is not applied, since {others[0]!r} is none of its people; give --train, --valid "
                "and --test"
            )
    return replace(source, notes=tuple(notes))


def _of_human36m(name: str) -> str | None:
    matched = OF_HUMAN36M.fullmatch(name)
    return f"S{matched[1]}" if matched and f"S{matched[1]}" in HUMAN36M else None


def _alike_but_for_case(names: Iterable[str]) -> list[str]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[name.casefold()].append(name)
    return [
        f"{' and '.join(map(repr, group))} differ in their letters' case only, and count as {len(group)} people; give "
        "one person one spelling"
        for group in groups.values()
        if len(group) > 1
    ]


def _renamed(recording: Recording, changed: Mapping[str, str]) -> Recording:
    column = recording.index["subject"].cat
    subject = named(column.codes.to_numpy(), [changed.get(name, name) for name in column.categories])
    parts = {changed.get(name, name): part for name, part in recording.parts.items()}
    return replace(recording, index=recording.index.assign(subject=subject), parts=parts)
