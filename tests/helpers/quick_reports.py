"""Reports that are written in a second, for tests that ask about something else than figures."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from acai_ray.analysis.figures import FIGURES, style
from acai_ray.analysis.report import writing


@contextmanager
def no_pdf() -> Iterator[None]:
    """All figures are drawn, but their PDF files are empty: embedding fonts takes half of a report's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "pdf", lambda figure: b"")
        yield


@contextmanager
def only_vectors() -> Iterator[None]:
    """All figures are drawn, but their PDF and PNG files are empty, which take two thirds of a report's time."""
    with no_pdf(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "png", lambda figure: b"")
        yield


@contextmanager
def one_figure() -> Iterator[None]:
    """Reports have the first figure only, without a PDF file: all with all files take nine tenths of the time."""
    with no_pdf(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "FIGURES", FIGURES[:1])
        yield
