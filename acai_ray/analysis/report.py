"""The report: one HTML page that opens from disk, offline, and the figures as files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from acai_ray.analysis import style, tables
from acai_ray.analysis.answer import answer, method, warnings
from acai_ray.analysis.answer import field as study_field
from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.explorer import Explorer, build_explorer
from acai_ray.analysis.figures import FIGURES, FigureSpec, draw
from acai_ray.analysis.provenance import data_notes, facts, settings_text
from acai_ray.analysis.scripts import page_scripts, policy
from acai_ray.analysis.search_notes import front_parts, importance_parts, people_parts
from acai_ray.analysis.table1 import recall_references
from acai_ray.analysis.tables import Table
from acai_ray.analysis.wording import clean, number
from acai_ray.store import replacing


@dataclass(frozen=True)
class Rendered:
    """A figure as bytes, with what the page says about it."""

    spec: FigureSpec
    svg: bytes
    png: bytes

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


def render_figures(analysis: Analysis) -> list[Rendered]:
    """Every figure this study has something for."""
    drawn = ((spec, draw(spec, analysis)) for spec in FIGURES)
    return [Rendered(spec, style.svg(figure), style.png(figure)) for spec, figure in drawn if figure is not None]


def render_page(analysis: Analysis, figures: list[Rendered]) -> str:
    """The page as HTML text; everything that comes from the study is escaped."""
    environment = Environment(
        loader=PackageLoader("acai_ray.analysis"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    study, explorer = analysis.results.study, build_explorer(analysis)
    scripts = page_scripts() if explorer.has_map else []
    return environment.get_template("report.html.j2").render(
        name=clean(study_field(study, "study", default=analysis.results.path.name)),
        question=clean(study_field(study, "question")),
        warnings=warnings(analysis),
        answer=answer(analysis),
        method=method(analysis),
        sections=[
            s for s in sections(analysis, figures, explorer) if s.paragraphs or s.tables or s.folded or s.figures
        ],
        facts=facts(study),
        settings=settings_text(study),
        data=htmlsafe_json_dumps(explorer.data, allow_nan=False),
        scripts=scripts,
        policy=policy(scripts),
    )


def write(analysis: Analysis) -> Path:
    """Write `report/index.html` and `report/figures/` into the study; returns the page's path."""
    figures = render_figures(analysis)
    folder = analysis.results.path / "report"
    for figure in figures:
        _replace(folder / "figures" / f"{figure.spec.name}.svg", figure.svg)
        _replace(folder / "figures" / f"{figure.spec.name}.png", figure.png)
    page = folder / "index.html"
    _replace(page, render_page(analysis, figures).encode("utf-8", errors="replace"))
    return page


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
            folded=_filled(tables.critic_health(analysis)),
            figures=placed.get("training", []),
        ),
        Section("samples", "Sampled poses", *_codes(analysis), figures=placed.get("samples", [])),
        Section("paths", "Paths side by side", figures=placed.get("paths", [])),
        Section("controls", "Controls", *_controls(analysis)),
        Section("exploratory", "Every other metric", *_exploratory(analysis)),
        Section("failed", "What failed, and what was left out", *_failed(analysis)),
        _data(analysis),
    ]


def _answer(analysis: Analysis, placed: Mapping[str, list[Rendered]]) -> Section:
    first, *others = analysis.families or (None,)
    if first is None:
        return Section("answer", "The verdicts")
    return Section(
        "answer",
        "The verdicts",
        [f"{family.group.title}: {family.group.role}" for family in analysis.families],
        [tables.overview(first)],
        [tables.verdicts(first), *(tables.verdicts(family) for family in others)],
        placed.get("answer", []),
    )


def _table_one(analysis: Analysis) -> tuple[list[str], list[Table]]:
    table = tables.table_one(analysis)
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
    return notes, [table]


def _curve_notes(placed: Mapping[str, list[Rendered]]) -> list[str]:
    note = (
        "The average of a curve is ANCI: path length over chord, a detour, not smoothness. "
        "The smoothness ratio is its largest step over its smallest."
    )
    return [note] if "curves" in placed else []


def _codes(analysis: Analysis) -> tuple[list[str], list[Table], list[Table]]:
    table = tables.codes(analysis)
    note = (
        "Trained codes do not fill the sphere, so uniform codes mostly measure holes, and nearest distances reward "
        "shrinking. Prior recall and precision are shown as the report shows them and never decide a verdict."
    )
    return ([note], [], [table]) if table.rows else ([], [], [])


def _controls(analysis: Analysis) -> tuple[list[str], list[Table]]:
    table = tables.controls(analysis)
    note = (
        "What the metrics give without a trained model. A metric that likes a control does not measure what it should."
    )
    return ([note], [table]) if table.rows else ([], [])


def _exploratory(analysis: Analysis) -> tuple[list[str], list[Table], list[Table]]:
    found = [tables.exploratory(family) for family in analysis.families if family.group.name != "search"]
    note = "Exploratory: intervals without verdicts, not corrected for their number."
    return ([note], [], found) if any(table.rows for table in found) else ([], [], [])


def _failed(analysis: Analysis) -> tuple[list[str], list[Table], list[Table]]:
    damaged = [f"Damaged and left out: {clean(text)}." for text in analysis.results.damaged]
    table = tables.left_out(analysis)
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
        found = _filled(tables.weights(analysis, float(loss)))
    return Section("data", "Data and settings", notes, folded=found)


def _filled(table: Table) -> list[Table]:
    return [table] if table.rows else []


def _replace(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)
