"""The report: one HTML page that opens from disk, offline, and what a paper needs as files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from jinja2.utils import htmlsafe_json_dumps

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.answer import answer, warnings
from acai_ray.analysis.compare.answer import field as study_field
from acai_ray.analysis.compare.arm_titles import file_name
from acai_ray.analysis.compare.arms import of_arm
from acai_ray.analysis.figures import FIGURES, FigureSpec, draw, style
from acai_ray.analysis.methods.protocol import rule
from acai_ray.analysis.methods.references import REFERENCES
from acai_ray.analysis.methods.section import describe
from acai_ray.analysis.methods.sentences import Methods
from acai_ray.analysis.methods.text import method_files
from acai_ray.analysis.report.explorer import Explorer, build_explorer
from acai_ray.analysis.report.live import Live, live_script
from acai_ray.analysis.report.page import environment
from acai_ray.analysis.report.provenance import facts, is_experiment, settings_text
from acai_ray.analysis.report.scripts import page_scripts, policy
from acai_ray.analysis.report.section import Rendered, Section
from acai_ray.analysis.report.sections import sections
from acai_ray.analysis.tables import table_files
from acai_ray.analysis.wording import clean
from acai_ray.common.errors import UserError
from acai_ray.common.files import replacing

FORMATS = ("svg", "png", "pdf")


def page_of(study: Path) -> Path:
    """Where a study's page is."""
    return study / "report" / "index.html"


def write(analysis: Analysis, live: Live | None = None) -> None:
    """Write the study's `report` folder, in which nothing of an earlier one stays; a live page reloads itself.

    Raises:
        UserError: it cannot be written, or would be written elsewhere.
    """
    study = analysis.results.path
    folder = page_of(study).parent
    _refuse_elsewhere(study, folder)
    made = contents(analysis, live)
    try:
        for name, content in made.items():
            with replacing(folder / name) as temporary:
                temporary.write_bytes(content)
        _remove_former(folder, made)
    except OSError as error:
        raise UserError(
            f"the report must be written into the study, but {folder} cannot be ({error.strerror}); "
            "mend that and repeat"
        ) from None


def _remove_former(folder: Path, made: Mapping[str, bytes]) -> None:
    """Figures and tables of an earlier analysis that this one has nothing for would still be taken for its own."""
    for place, kinds in (("figures", FORMATS), ("tables", table_files.FORMATS)):
        for path in (folder / place).glob("[!.]*.*"):
            if path.suffix[1:] in kinds and f"{place}/{path.name}" not in made:
                path.unlink()


def _refuse_elsewhere(study: Path, folder: Path) -> None:
    """A study may come from a stranger, whose links would let the report overwrite the reader's files."""
    for place in (folder, folder / "figures", folder / "tables"):
        if not place.resolve().is_relative_to(study.resolve()):
            raise UserError(f"the report must be written into the study, but {place} leads out of it; remove that link")


def contents(analysis: Analysis, live: Live | None = None) -> dict[str, bytes]:
    """Every file of the report by its path within it, the page last: figures, tables, methods for a paper."""
    figures, explorer, methods = render_figures(analysis), build_explorer(analysis), describe(analysis)
    parts = [part for part in sections(analysis, figures, explorer) if part.filled]
    drawn = {f"figures/{figure.spec.name}.{kind}": getattr(figure, kind) for figure in figures for kind in FORMATS}
    shown = (table for part in parts for table in (*part.tables, *part.folded))
    tabled = {f"tables/{name}": content for table in shown for name, content in table_files.files(table).items()}
    page = render_page(analysis, parts, explorer, methods, live)
    return {**drawn, **tabled, **method_files(methods), "index.html": page.encode("utf-8", errors="replace")}


def render_page(
    analysis: Analysis, parts: Sequence[Section], explorer: Explorer, methods: Methods, live: Live | None
) -> str:
    """The page as HTML text; everything that comes from the study is escaped."""
    study = analysis.results.study
    scripts = [*(page_scripts() if explorer.has_map else []), *([live_script()] if live else [])]
    template = environment().get_template("report.html.j2")
    return template.render(
        name=clean(study_field(study, "study", default=analysis.results.path.name)),
        question=clean(study_field(study, "question")),
        warnings=[*([live.notice] if live else []), *warnings(analysis)],
        reload_s=live.every_s if live else 0,
        answer=answer(analysis),
        method=" ".join(sentence.text for sentence in rule(analysis.margins, analysis.arm)) if analysis.answer else "",
        sections=parts,
        methods=methods,
        references=REFERENCES,
        facts=facts(study),
        settings=settings_text(study),
        single=is_experiment(study),
        data=htmlsafe_json_dumps(explorer.data, allow_nan=False),
        scripts=scripts,
        policy=policy(scripts),
    )


def render_figures(analysis: Analysis) -> list[Rendered]:
    """Every figure this study has something for; of several regularizers most are drawn of each."""
    drawn = ((spec, draw(spec, part)) for spec, part in _to_draw(analysis))
    return [
        Rendered(spec, style.svg(figure), style.png(figure), style.pdf(figure))
        for spec, figure in drawn
        if figure is not None
    ]


def _to_draw(analysis: Analysis) -> Iterator[tuple[FigureSpec, Analysis]]:
    """Each figure with what it shows: the whole study, or one regularizer of several, which its name then has."""
    if len(analysis.arms) < 2:
        yield from ((spec, analysis) for spec in FIGURES)
        return
    parts = {arm: of_arm(analysis, arm) for arm in analysis.arms}
    for spec in FIGURES:
        if spec.together:
            yield spec, analysis
            continue
        for place, (arm, part) in enumerate(parts.items()):
            title = f"{spec.title}: {analysis.titles[arm]}"
            yield replace(spec, name=file_name(spec.name, place, arm), title=title), part
