"""The parts of the page in their order, each made by a function of its own."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.alone import alone
from acai_ray.analysis.compare.answer import field
from acai_ray.analysis.compare.arm_titles import file_name
from acai_ray.analysis.compare.arms import of_arm
from acai_ray.analysis.compare.picks import picks
from acai_ray.analysis.compare.table1 import recall_references
from acai_ray.analysis.report.explorer import Explorer
from acai_ray.analysis.report.provenance import data_notes
from acai_ray.analysis.report.search_notes import fronts_section, importances_section, people_section
from acai_ray.analysis.report.section import Rendered, Section
from acai_ray.analysis.tables import alone_table, control_tables, report_tables, search_tables, table_one
from acai_ray.analysis.tables.table import Table, filled
from acai_ray.analysis.wording import CHAOS_LAMBDA, clean, number
from acai_ray.common.skeleton import POSE_DIM
from acai_ray.protocol.phases import Phase


def sections(analysis: Analysis, figures: Sequence[Rendered], explorer: Explorer) -> list[Section]:
    """The page's parts, the answer first, each with the figures that name it; some may have nothing to show."""
    parts = [
        _answer(analysis),
        _map_of_runs(explorer),
        _latent_explorer(explorer),
        _table_one(analysis),
        Section("curves", "Transition curves"),
        Section("levels", "Coverage, smoothness, reconstruction and bones against λ"),
        of_each_arm(analysis, importances_section),
        of_each_arm(analysis, fronts_section),
        people_section(analysis),
        _training(analysis),
        _sampled_poses(analysis),
        Section("paths", "Paths side by side" if analysis.answer else "Paths"),
        _controls(analysis),
        _sample_sizes(analysis),
        _exploratory(analysis),
        _failed(analysis),
        _data(analysis),
        _methods(),
    ]
    return [_with_figures(part, [figure for figure in figures if figure.spec.section == part.name]) for part in parts]


def of_each_arm(analysis: Analysis, make: Callable[[Analysis], Section]) -> Section:
    """A section of the study, or of several regularizers the parts of each, with their titles before them."""
    if len(analysis.arms) < 2:
        return make(analysis)
    parts = {arm: make(of_arm(analysis, arm)) for arm in analysis.arms}
    said, tables, folded = [], [], []
    for place, (arm, part) in enumerate(parts.items()):
        title = analysis.titles[arm]
        said += [f"{title}: {text}" for text in part.paragraphs]
        tables += [_of_arm(table, place, arm, title) for table in part.tables]
        folded += [_of_arm(table, place, arm, title) for table in part.folded]
    return replace(next(iter(parts.values())), paragraphs=said, tables=tables, folded=folded)


def _of_arm(table: Table, place: int, arm: str, title: str) -> Table:
    return replace(table, name=file_name(table.name, place, arm), caption=f"{title}: {table.caption}")


def _with_figures(section: Section, figures: Sequence[Rendered]) -> Section:
    """The section with its figures; what is said about curves is said only where there are curves."""
    notes = [*section.paragraphs, *([CURVES_NOTE] if section.name == "curves" and figures else [])]
    return replace(section, paragraphs=notes, figures=figures)


CURVES_NOTE = (
    "The average of a curve is ANCI: path length over chord, a detour, not smoothness. "
    "The smoothness ratio is its largest step over its smallest."
)


def _answer(analysis: Analysis) -> Section:
    picked = search_tables.pick_table(picks(analysis), analysis.titles)
    return Section(
        "answer",
        "The verdicts" if analysis.answer or not len(alone(analysis)) else "What was measured",
        paragraphs=[f"{family.group.title}: {family.group.role}" for family in analysis.families],
        tables=[
            *([report_tables.overview(analysis.answer)] if analysis.answer else []),
            *filled(alone_table.measured_alone(analysis)),
            *filled(picked),
        ],
        folded=[
            *(report_tables.verdicts(family) for family in analysis.families),
            *(filled(report_tables.arms_beside(analysis)) if len(analysis.arms) > 1 else []),
        ],
    )


def _map_of_runs(explorer: Explorer) -> Section:
    return Section("map-of-runs", "Map of the runs", paragraphs=explorer.map_notes, widget="map.html.j2")


def _latent_explorer(explorer: Explorer) -> Section:
    widget = "explorer.html.j2" if explorer.has_pairs else ""
    return Section("latent-explorer", "Latent explorer", paragraphs=explorer.notes, widget=widget)


def _table_one(analysis: Analysis) -> Section:
    section = Section("table1", "Table I of the report, beside ours")
    table = table_one.table_one(analysis)
    if not table.rows:
        return section
    changed = table_one.table_one_changes(analysis)
    notes = [
        "Shown side by side, never tested against each other: the report's data, pairs and choice of epoch differ. "
        "ANCI is path length over chord, a detour, not smoothness.",
        "Ours: last epoch, test poses, mean over seeds; ANCI × 100/99, because the published code divides by points "
        f"and not by transitions; the last three columns are Euclidean over the {POSE_DIM} coordinates, as Table I's "
        f"must be. Recall falls with the number of generated poses: {_recall_sizes(analysis)}. The ± of the report's "
        "own Table I is a variance within one model, not a spread over seeds, and is left out here. Precision and "
        "recall of prior samples never decide anything.",
    ]
    if changed.rows:
        notes.append(_agreement(changed))
    return replace(section, paragraphs=notes, tables=[table, *filled(changed)])


def _recall_sizes(analysis: Analysis) -> str:
    reference = recall_references(analysis)
    if not reference:
        return "our recall was not measured"
    return f"our recall searches {reference:,} generated poses, the report's 180,000"


def _agreement(changed: Table) -> str:
    count = Counter(changed.frame.filter(regex="_agreement$").to_numpy().ravel())
    return (
        f"Changes from λ = 0 that both have: {count['same']} go the same way in ours and in the report, "
        f"{count['opposite']} the opposite way, {count['open']} are open: our 95 % interval holds 0, or the "
        "report's two decimals show no change. The intervals are not corrected for their number, so among many some "
        "miss the truth by chance alone; the report has one run a cell, so how far chance moves its numbers is not "
        "known."
    )


def _training(analysis: Analysis) -> Section:
    return Section("training", "Training and critic health", folded=filled(report_tables.critic_health(analysis)))


def _sampled_poses(analysis: Analysis) -> Section:
    table = report_tables.codes(analysis)
    note = (
        "Trained codes do not fill the sphere, so uniform codes mostly measure holes, and nearest distances reward "
        "shrinking. Prior recall and precision are shown as the report shows them and never decide a verdict."
    )
    return Section("samples", "Sampled poses", paragraphs=[note] if table.rows else [], folded=filled(table))


def _controls(analysis: Analysis) -> Section:
    table = control_tables.control_levels(analysis)
    subject = analysis.arm if len(analysis.arms) < 2 else "a regularizer"
    notes = [
        f"What the metrics give without {subject} and mostly without training. A metric by which a control looks good "
        "does not measure what it should: straight lines are perfectly even and shrink the bones. Real poses, in both "
        "samplers' columns, are those of training people: what they give on other people is what to aim at.",
        "The chaos floor is the mean absolute difference between vanilla runs and their twins with "
        f"λ = {CHAOS_LAMBDA}: so much changes where nothing but rounding does. No verdict rests on less.",
    ]
    return Section("controls", "Controls", paragraphs=notes if table.rows else [], tables=filled(table))


def _sample_sizes(analysis: Analysis) -> Section:
    table = control_tables.sample_sizes(analysis)
    note = (
        "Measured on the first chaos control of each latent size, which is vanilla in all but rounding, with samples "
        "of a share of the sizes that all other numbers have. Compare metrics at equal sizes only, above all those "
        "that change much here; recall falls with the number of generated poses by its definition."
    )
    return Section("sizes", "Sample sizes", paragraphs=[note] if table.rows else [], folded=filled(table))


def _exploratory(analysis: Analysis) -> Section:
    section = Section("exploratory", "Every other metric")
    tables = [report_tables.exploratory(family) for family in analysis.families if family.group.name != Phase.SEARCH]
    if not any(table.rows for table in tables):
        return section
    note = "Exploratory: intervals without verdicts, not corrected for their number."
    return replace(section, paragraphs=[note], folded=tables)


def _failed(analysis: Analysis) -> Section:
    section = Section("failed", "What failed, and what was left out")
    damaged = [f"Damaged: {clean(text)}." for text in analysis.results.damaged]
    table = report_tables.left_out(analysis)
    if not table.rows:
        whole = "Every run finished and has its twin." if analysis.answer else "Every run finished."
        return replace(section, paragraphs=damaged or [whole])
    kinds = ", ".join(f"{n} {clean(status)}" for status, n in analysis.results.runs["status"].value_counts().items())
    note = f"{len(table.rows)} runs entered no comparison. All runs by status: {kinds}."
    return replace(section, paragraphs=[*damaged, note], folded=[table])


def _data(analysis: Analysis) -> Section:
    section = Section("data", "Data and settings", paragraphs=data_notes(analysis.results.study))
    loss = field(analysis.results.study, "data", "mean_pose_loss_m2", default=0.0)
    if not isinstance(loss, int | float) or not loss > 0:
        return section
    note = f"L_rec of the mean pose is {number(loss)} m²; λ is comparable across data sets only relative to it."
    table = report_tables.weights(analysis, float(loss))
    return replace(section, paragraphs=[*section.paragraphs, note], folded=filled(table))


def _methods() -> Section:
    note = (
        "From this study's settings and tables. As files: report/methods.md, report/methods.tex with "
        "report/references.bib, all tables in report/tables, all figures as PDF in report/figures."
    )
    return Section("methods", "Methods, for a paper", paragraphs=[note], widget="methods.html.j2")
