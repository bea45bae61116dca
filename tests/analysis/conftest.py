"""Browsers for the pages, and reports that are written quickly."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpers import quick_reports
from tests.helpers.report_pages import BROWSERS, PATIENCE_MS, SOFTWARE_GL


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Starts browsers; `chromium()` with WebGL in software, `chromium("--disable-3d-apis")` without."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no Chromium: none of {', '.join(BROWSERS)} is installed")
    with playwright.sync_playwright() as driver:
        opened: list[Any] = []

        def launch(*flags: str) -> Any:
            arguments = ["--no-sandbox", "--disable-gpu", *SOFTWARE_GL, *flags]
            opened.append(driver.chromium.launch(executable_path=path, args=arguments, timeout=PATIENCE_MS))
            return opened[-1]

        yield launch
        for browser in opened:
            browser.close()


@pytest.fixture(scope="session")
def browser(chromium: Any) -> Any:
    return chromium()


@pytest.fixture
def one_figure() -> Iterator[None]:
    """Reports have one figure."""
    with quick_reports.one_figure():
        yield


@pytest.fixture
def only_vectors() -> Iterator[None]:
    """Reports have all figures, but their PDF and PNG files are empty."""
    with quick_reports.only_vectors():
        yield
