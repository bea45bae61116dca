"""One part of the page: what it says, and which tables and figures stand in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from acai_ray.analysis.figures import FigureSpec, style
from acai_ray.analysis.tables.table import Table


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
    """One part of the page.

    Attributes:
        name: its anchor; figures name the section they stand in.
        title: its heading.
        paragraphs: what it says first.
        tables: shown at once.
        folded: tables that the reader opens on demand.
        figures: those that stand in it.
        widget: the template of an interactive part; empty where there is none.
    """

    name: str
    title: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()
    folded: Sequence[Table] = ()
    figures: Sequence[Rendered] = ()
    widget: str = ""

    @property
    def filled(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.paragraphs or self.tables or self.folded or self.figures)
