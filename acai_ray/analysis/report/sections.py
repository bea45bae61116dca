"""The parts of the page: what each says, which tables and figures stand in it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.answer import field as study_field
from acai_ray.analysis.compare.table1 import recall_references
from acai_ray.analysis.figures import FigureSpec, style
from acai_ray.analysis.report.explorer import Explorer
from acai_ray.analysis.report.provenance import data_notes
from acai_ray.analysis.report.search_notes import front_parts, importance_parts, people_parts
from acai_ray.analysis.tables import control_tables, report_tables
from acai_ray.analysis.tables.table import Table
from acai_ray.analysis.wording import clean, number

METHODS_NOTE = (
    "From this study's settings and tables. As files: report/methods.md, report/methods.tex with "
    "report/references.bib, all tables in report/tables, all figures as PDF in report/figures."
)


@dataclass(frozen=True)
class Rendered:
    """A figure as bytes, with what the page says about it."""

    spec: FigureSpec
    svg: bytes
    png: bytes
    pdf: bytes

    @property
    def markup(self) -> Markup:
        """What the page embeds."""
        return style.inline(self.spec.name, self.svg, self.png, f"{self.spec.title}. {self.spec.caption}")


@dataclass(frozen=True)
class Section:
    """One part of the page; `folded` tables open on demand, `widget` is the template of an interactive part."""

    name: str
    title: str
    paragraphs: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    folded: list[Table] = field(default_factory=list)
    figures: list[Rendered] = field(default_factory=list)
    widget: str = ""

    @property
    def filled(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.paragraphs or self.tables or self.folded or self.figures)


def sections(analysis: Analysis, figures: list[Rendered], explorer: Explorer) -> list[Section]:
    """The page's parts in order, the answer first."""
    placed: dict[str, list[Rendered]] = {}
    for figure in figures:
        placed.setdefault(figure.spec.section, []).append(figure)
    return [
        _answer(analysis, placed),
        Section("map-of-runs", "Map of the runs", explorer.map_notes, widget="map.html.j2"),
        Section(
            "latent-explorer",
            "Latent explorer",
            explorer.notes,
            widget="explorer.html.j2" if explorer.has_pairs else "",
        ),
        Section("table1", "Table I of the report, beside", *_table_one(analysis)),
        Section("curves", "Transition curves", _curve_notes(placed), figures=placed.get("curves", [])),
        Section("levels", "Coverage, smoothness, reconstruction and bones against λ", figures=placed.get("levels", [])),
        Section(
            "importances", "What the settings account for", *importance_parts(analysis), placed.get("importances", [])
        ),
        Section("pareto", "Pareto fronts and hypervolume", *front_parts(analysis), placed.get("pareto", [])),
        Section("people", "People", *people_parts(analysis), placed.get("people", [])),
        Section(
            "training",
            "Training and critic health",
            folded=_filled(report_tables.critic_health(analysis)),
            figures=placed.get("training", []),
        ),
        Section("samples", "Sampled poses", *_codes(analysis), figures=placed.get("samples", [])),
        Section("paths", "Paths side by side", figures=placed.get("paths", [])),
        Section("controls", "Controls", *_controls(analysis)),
        Section("sizes", "Sample sizes", *_sizes(analysis), figures=placed.get("sizes", [])),
        Section("exploratory", "Every other metric", *_exploratory(analysis)),
        Section("failed", "What failed, and what was left out", *_failed(analysis)),
        _data(analysis),
        Section("methods", "Methods, for a paper", [METHODS_NOTE], widget="methods.html.j2"),
    ]


def _answer(analysis: Analysis, placed: Mapping[str, list[Rendered]]) -> Section:
    first, *others = analysis.families or (None,)
    if first is None:
        return Section("answer", "The verdicts")
    return Section(
        "answer",
        "The verdicts",
        [f"{family.group.title}: {family.group.role}" for family in analysis.families],
        [report_tables.overview(first)],
        [report_tables.verdicts(first), *(report_tables.verdicts(family) for family in others)],
        placed.get("answer", []),
    )


def _table_one(analysis: Analysis) -> tuple[list[str], list[Table]]:
    table = report_tables.table_one(analysis)
    if not table.rows:
        return [], []
    reference = recall_references(analysis)
    sizes = (
        f"our recall searches {reference:,} generated poses, the report's 180,000"
        if reference
        else "our recall was not measured"
    )
    notes = [
        "Shown beside, never tested against: the report's data, pairs and choice of epoch differ. "
        "ANCI is path length over chord, a detour, not smoothness.",
        "Ours: last epoch, test poses, mean over seeds; ANCI × 100/99, because the published code divides by points "
        "and not by transitions; the last three columns are Euclidean over the 51 coordinates, as Table I's must be. "
        f"Recall falls with the number of generated poses: {sizes}. The ± of the report's own Table I is a variance "
        "within one model, not a spread over seeds, and is left out here. Precision and recall of prior "
        "samples never decide anything.",
    ]
    changed = report_tables.table_one_changes(analysis)
    return ([*notes, _agreement(changed)], [table, changed]) if changed.rows else (notes, [table])


def _agreement(changed: Table) -> str:
    count = Counter(changed.frame.filter(regex="_agreement$").to_numpy().ravel())
    return (
        f"Changes from λ = 0 that both have: {count['same']} go the same way in ours and in the report, "
        f"{count['opposite']} the opposite way, {count['open']} are open: our 95 % interval holds 0, or the "
        "report's two decimals show no change. The intervals are uncorrected, so of many some miss by chance alone; "
        "the report has one run a cell, so how far chance moves its numbers is not known."
    )


def _curve_notes(placed: Mapping[str, list[Rendered]]) -> list[str]:
    note = (
        "The average of a curve is ANCI: path length over chord, a detour, not smoothness. "
        "The smoothness ratio is its largest step over its smallest."
    )
    return [note] if "curves" in placed else []


def _codes(analysis: Analysis) -> tuple[list[str], list[Table], list[Table]]:
    table = report_tables.codes(analysis)
    note = (
        "Trained codes do not fill the sphere, so uniform codes mostly measure holes, and nearest distances reward "
        "shrinking. Prior recall and precision are shown as the report shows them and never decide a verdict."
    )
    return ([note], [], [table]) if table.rows else ([], [], [])


def _controls(analysis: Analysis) -> tuple[list[str], list[Table]]:
    table = control_tables.control_levels(analysis)
    notes = [
        "What the metrics give without ACAI and mostly without training. A metric that likes a control does not "
        "measure what it should: straight lines are perfectly even and shrink the bones. Real poses, in both "
        "samplers' columns, are training people's own: what they give on other people is what to aim at.",
        "The chaos floor is the mean absolute difference between vanilla runs and their twins with λ = 1e-6: so much "
        "changes where nothing but rounding does. No verdict rests on less.",
    ]
    return (notes, [table]) if table.rows else ([], [])


def _sizes(analysis: Analysis) -> tuple[list[str], list[Table], list[Table]]:
    table = control_tables.sample_sizes(analysis)
    note = (
        "Measured on the first chaos control of each latent size, which is vanilla in all but rounding, with samples "
        "of a share of the sizes that all other numbers have. Compare metrics at equal sizes only, those that move "
        "here most of all; recall falls with the number of generated poses by its definition."
    )
    return ([note], [], [table]) if table.rows else ([], [], [])


def _exploratory(analysis: Analysis) -> tuple[list[str], list[Table], list[Table]]:
    found = [report_tables.exploratory(family) for family in analysis.families if family.group.name != "search"]
    note = "Exploratory: intervals without verdicts, not corrected for their number."
    return ([note], [], found) if any(table.rows for table in found) else ([], [], [])


def _failed(analysis: Analysis) -> tuple[list[str], list[Table], list[Table]]:
    damaged = [f"Damaged: {clean(text)}." for text in analysis.results.damaged]
    table = report_tables.left_out(analysis)
    if not table.rows:
        return damaged or ["Every run finished and found its twin."], [], []
    kinds = ", ".join(f"{n} {clean(status)}" for status, n in analysis.results.runs["status"].value_counts().items())
    return [*damaged, f"{len(table.rows)} runs entered no comparison. All runs by status: {kinds}."], [], [table]


def _data(analysis: Analysis) -> Section:
    notes, found = data_notes(analysis.results.study), []
    loss = study_field(analysis.results.study, "data", "mean_pose_loss_m2", default=0.0)
    if isinstance(loss, int | float) and loss > 0:
        notes.append(
            f"L_rec of the mean pose is {number(loss)} m²; λ is comparable across data sets only relative to it."
        )
        found = _filled(report_tables.weights(analysis, float(loss)))
    return Section("data", "Data and settings", notes, folded=found)


def _filled(table: Table) -> list[Table]:
    return [table] if table.rows else []
