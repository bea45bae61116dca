"""An inspection as tables and sentences of at most 80 columns."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from acai_ray.data.inspection.findings import Inspection
from acai_ray.data.inspection.wording import counted
from acai_ray.data.printable import printable

MOST_PEOPLE = 60
MOST_SENTENCES = 20
"""Longer lists are cut; --json has them whole."""
MOST_CAMERAS = 8
"""More cameras are counted and not named."""
NARROW = 70
"""Columns below which only the first cells of a person and of a bone are printed, so that names stay readable."""
PERSON = ("split", "stored", "taken", "seq.", "act.", "cam.", "frames", "height", "limbs ±")
BONE = ("length", "± between people", "± within one", "|left-right|")


def show(out: Console, inspection: Inspection) -> None:
    """Print everything that is known."""
    out.print(Text(inspection.name, style="bold"))
    out.print(_facts(inspection))
    narrow = out.width < NARROW
    for title, table in (
        ("subjects", _people(inspection, narrow)),
        ("bones, millimetres (mean over people)", _bones(inspection, narrow)),
    ):
        if table.row_count:
            out.print(Text(f"\n{title}", style="bold"))
            out.print(table)
    if len(inspection.people) > MOST_PEOPLE:
        out.print(Text(f"{len(inspection.people) - MOST_PEOPLE} more people: --json"))
    _sentences(out, "refused", inspection.refusals, "red")
    _sentences(out, "looks wrong, but is accepted", inspection.warnings, "yellow")


def _facts(inspection: Inspection) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(inspection):
        if value:
            table.add_row(name, Text(printable(value)))
    return table


def _rows(inspection: Inspection) -> list[tuple[str, str]]:
    if inspection.stored == 0:
        return [("form", inspection.form or "not recognised")]
    seen = ", ".join(name for name in inspection.camera_names if name)
    many = f"{len(inspection.camera_names)} cameras" if len(inspection.camera_names) > MOST_CAMERAS else seen
    origin = "" if inspection.cameras == "none" else f"{inspection.cameras}: "
    return [
        ("form", inspection.form or ""),
        ("acknowledgment", inspection.acknowledgment),
        *(("note", note) for note in inspection.notes),
        (
            "stored",
            f"{inspection.stored:,} poses of {counted(len(inspection.people), 'person', 'people')} in "
            f"{counted(inspection.recordings, 'recording', 'recordings')}",
        ),
        ("sound", f"{inspection.sound:,} of them" if inspection.sound < inspection.stored else ""),
        ("taken", "none: refused" if inspection.taken is None else f"{inspection.taken:,} poses, all cameras together"),
        ("frame rate", _rates(inspection)),
        ("unit", ", ".join(inspection.units)),
        ("axes", "; ".join(inspection.axes)),
        ("cameras", f"{origin}{many}" if seen else "not named"),
        ("split", "; ".join(_part(part.split, part.subjects, part.taken or part.stored) for part in inspection.splits)),
        ("bodies", "" if inspection.bodies is None else _bodies(inspection)),
        ("spread", "" if inspection.mean_pose_mpjpe_mm is None else _spread(inspection.mean_pose_mpjpe_mm)),
        ("fingerprint", (inspection.fingerprint or "")[:16]),
    ]


def _bodies(inspection: Inspection) -> str:
    shared = [f"one is that of {len(group)} people, {', '.join(group)}" for group in inspection.shared_bodies]
    gap = inspection.body_gap_mm
    apart = [] if gap is None else [f"the two most alike differ by {gap:.1f} mm in a limb"]
    return "; ".join([str(inspection.bodies), *shared, *apart])


def _spread(millimetres: float) -> str:
    return f"{millimetres:.0f} mm: the MPJPE of the mean pose, which a model must beat"


def _part(split: str, subjects: Sequence[str], poses: int) -> str:
    return f"{split} {counted(len(subjects), 'person', 'people')}, {poses:,} poses"


def _rates(inspection: Inspection) -> str:
    if not inspection.stored_rates:
        return "unknown"
    stored = " to ".join(f"{rate:g}" for rate in sorted({inspection.stored_rates[0], inspection.stored_rates[-1]}))
    return f"{stored} a second stored" + ("" if inspection.taken_rate is None else f", {inspection.taken_rate:g} taken")


def _people(inspection: Inspection, narrow: bool) -> Table:
    columns = PERSON[:3] if narrow else PERSON
    table = _table("subject", columns)
    for person in inspection.people[:MOST_PEOPLE]:
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
        table.add_row(Text(printable(person.subject) or "(unnamed)"), *values[: len(columns)])
    return table


def _bones(inspection: Inspection, narrow: bool) -> Table:
    columns = BONE[:1] if narrow else BONE
    table = _table("bone", columns)
    for bone in inspection.bones:
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
    table.add_row("-", Text(printable(sentence), overflow="fold"))
    return table
