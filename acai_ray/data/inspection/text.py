"""An inspection as tables and sentences of at most 80 columns."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from acai_ray.data.inspection.record import Inspection

MOST_PEOPLE = 60
MOST_SENTENCES = 20
"""Longer lists are cut; --json has them whole."""
NARROW = 70
"""Columns below which only the first cells of a person and of a bone are printed, so that names stay readable."""
PERSON = ("split", "stored", "taken", "seq.", "act.", "cam.", "frames", "height", "limbs ±")
BONE = ("length", "± between people", "± within one", "|left-right|")


def show(out: Console, found: Inspection) -> None:
    """Print everything that is known."""
    out.print(Text(found.name, style="bold"))
    out.print(_facts(found))
    narrow = out.width < NARROW
    for title, table in (
        ("subjects", _people(found, narrow)),
        ("bones, millimetres (mean over people)", _bones(found, narrow)),
    ):
        if table.row_count:
            out.print(Text(f"\n{title}", style="bold"))
            out.print(table)
    if len(found.people) > MOST_PEOPLE:
        out.print(Text(f"{len(found.people) - MOST_PEOPLE} more people: --json"))
    _sentences(out, "refused", found.refusals, "red")
    _sentences(out, "looks wrong, but is accepted", found.warnings, "yellow")


def clean(text: object) -> str:
    """Text from a file made safe to print: control characters become `�`."""
    return "".join(letter if letter.isprintable() else "�" for letter in str(text))


def _facts(found: Inspection) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(found):
        if value:
            table.add_row(name, Text(clean(value)))
    return table


def _rows(found: Inspection) -> list[tuple[str, str]]:
    if found.stored == 0:
        return [("form", found.form or "not recognised")]
    seen = ", ".join(name for name in found.camera_names if name)
    many = f"{len(found.camera_names)} cameras" if len(found.camera_names) > 8 else seen
    origin = "" if found.cameras == "none" else f"{found.cameras}: "
    return [
        ("form", found.form or ""),
        ("acknowledgment", found.acknowledgment),
        *(("note", note) for note in found.notes),
        ("stored", f"{found.stored:,} poses of {_number(found.people, 'person', 'people')} in {_recordings(found)}"),
        ("sound", f"{found.sound:,} of them" if found.sound < found.stored else ""),
        ("taken", "none: refused" if found.taken is None else f"{found.taken:,} poses, all cameras together"),
        ("frame rate", _rates(found)),
        ("unit", ", ".join(found.units)),
        ("axes", "; ".join(found.axes)),
        ("cameras", f"{origin}{many}" if seen else "not named"),
        ("split", "; ".join(_part(part.split, part.subjects, part.taken or part.stored) for part in found.splits)),
        ("spread", "" if found.mean_pose_mpjpe_mm is None else _spread(found.mean_pose_mpjpe_mm)),
        ("fingerprint", (found.fingerprint or "")[:16]),
    ]


def _spread(millimetres: float) -> str:
    return f"{millimetres:.0f} mm: the MPJPE of the mean pose, which a model must beat"


def _part(split: str, subjects: Sequence[str], poses: int) -> str:
    return f"{split} {_number(subjects, 'person', 'people')}, {poses:,} poses"


def _number(things: Sequence[object], one: str, many: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else many}"


def _recordings(found: Inspection) -> str:
    return f"{found.recordings:,} recording{'' if found.recordings == 1 else 's'}"


def _rates(found: Inspection) -> str:
    if not found.stored_rates:
        return "unknown"
    stored = " to ".join(f"{rate:g}" for rate in sorted({found.stored_rates[0], found.stored_rates[-1]}))
    return f"{stored} a second stored" + ("" if found.taken_rate is None else f", {found.taken_rate:g} taken")


def _people(found: Inspection, narrow: bool) -> Table:
    columns = PERSON[:3] if narrow else PERSON
    table = _table("subject", columns)
    for person in found.people[:MOST_PEOPLE]:
        values = (
            person.split or "-",
            f"{person.stored:,}",
            "-" if person.taken is None else f"{person.taken:,}",
            str(person.sequences),
            str(person.actions),
            str(person.cameras),
            f"{person.first_frame}-{person.last_frame}",
            "-" if person.height_mm is None else f"{person.height_mm:.0f}",
            "-" if person.limb_spread is None else f"{person.limb_spread:.1%}",
        )
        table.add_row(Text(clean(person.subject) or "(unnamed)"), *values[: len(columns)])
    return table


def _bones(found: Inspection, narrow: bool) -> Table:
    columns = BONE[:1] if narrow else BONE
    table = _table("bone", columns)
    for bone in found.bones:
        values = (
            f"{bone.mean_mm:.0f}",
            f"{bone.between_mm:.1f}",
            f"{bone.within_mm:.1f}",
            "" if bone.asymmetry_mm is None else f"{bone.asymmetry_mm:.1f}",
        )
        table.add_row(bone.bone.replace("_", " "), *values[: len(columns)])
    return table


def _table(first: str, others: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="left" if name == "split" else "right", no_wrap=True)
    return table


def _sentences(out: Console, title: str, sentences: Sequence[str], colour: str) -> None:
    if sentences:
        out.print(Text(f"\n{title}", style=f"bold {colour}"))
    for sentence in sentences[:MOST_SENTENCES]:
        out.print(_bullet(sentence))
    if len(sentences) > MOST_SENTENCES:
        out.print(f"{len(sentences) - MOST_SENTENCES} more: --json")


def _bullet(sentence: str) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_row("-", Text(clean(sentence), overflow="fold"))
    return table
