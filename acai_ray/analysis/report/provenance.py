"""Where a study comes from, as far as its study.json says: data, machine, settings."""

import json
from collections.abc import Mapping
from typing import Any

from acai_ray.analysis.compare.answer import field
from acai_ray.analysis.wording import clean


def data_notes(study: object) -> list[str]:
    """What the poses are and whom to thank for them."""
    name, source = (clean(field(study, "data", key, default="unknown")) for key in ("name", "source"))
    notes = [
        f"Data: {name} (from {source}), fingerprint {clean(field(study, 'data', 'fingerprint', default='unknown'))}."
    ]
    counts = field(study, "data", "counts", default={})
    if isinstance(counts, Mapping) and counts:
        notes.append("Poses: " + ", ".join(f"{clean(split)} {_count(n)}" for split, n in counts.items()) + ".")
    subjects = field(study, "data", "subjects", default={})
    if isinstance(subjects, Mapping) and subjects:
        notes.append("Subjects: " + "; ".join(f"{clean(split)} {_names(who)}" for split, who in subjects.items()) + ".")
    thanks = field(study, "data", "acknowledgment")
    return [*notes, clean(thanks)] if thanks else notes


def facts(study: object) -> list[tuple[str, str]]:
    """Start, end, versions and machine as name and value."""
    known = [(key, clean(field(study, key))) for key in ("start", "end") if field(study, key)]
    for part in ("versions", "machine"):
        values = field(study, part, default={})
        if isinstance(values, Mapping):
            known += [(clean(key), clean(value)) for key, value in values.items()]
    return known


def settings_text(study: object) -> str:
    """The resolved settings as JSON, which is also YAML that its command reads; empty where unknown."""
    space = field(study, "space", default={})
    if not isinstance(space, Mapping) or not space:
        return ""
    given = {key: value for key, value in space.items() if value is not None}
    if isinstance(given.get("plugins"), Mapping):  # the study notes a hash beside each name, which a file does not have
        given["plugins"] = list(given["plugins"])
    return "\n".join(clean(line) for line in json.dumps(given, indent=2, ensure_ascii=False).splitlines())


def is_experiment(study: object) -> bool:
    """Whether the settings are an experiment's, which `acai_ray.train` reads, and not a search space's."""
    space = field(study, "space", default={})
    return isinstance(space, Mapping) and not any(name in space for name in ("search", "grid", "points", "trials"))


def _count(n: Any) -> str:
    return f"{n:,}" if isinstance(n, int) else clean(n)


def _names(who: Any) -> str:
    return ", ".join(clean(name) for name in who) if isinstance(who, list) else clean(who)
