"""The open page of a watched study in a real browser: it reloads itself and leaves the reader in place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acai_ray import store
from acai_ray.analysis import report
from acai_ray.analysis.compare import analyse
from acai_ray.analysis.report.live import Live
from acai_ray.protocol.primary import parse_margins
from tests.helpers.model_factory import save_all
from tests.helpers.quick_reports import no_pdf
from tests.helpers.report_pages import PATIENCE_MS, awaited, models, trials
from tests.helpers.study_factory import build

pytestmark = pytest.mark.slow


EVERY_S = 1.0
QUIET_S = 5.0
"""The page's own: it does not reload so soon after its reader did something."""


SHIFT_PX = 60


AWAY = """
let away = true;
Object.defineProperty(document, "hidden", { get: () => away });
window.back = () => (away = false);
"""
"""Each page begins in a tab that is not seen, where it does not reload; so none does before a test is ready for it."""


def write(study: Path, made: str, live: bool = True) -> None:
    with no_pdf():
        report.write(analyse(store.load(study), parse_margins([])), Live(made, EVERY_S) if live else None)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("results") / "demo", trials(), status="running", end=None)
    save_all(folder, models(trials()))
    return folder


@pytest.fixture
def page(browser: Any, study: Path) -> Iterator[Any]:
    write(study, "first")
    with browser.new_context() as tab:
        tab.set_default_timeout(PATIENCE_MS)
        tab.add_init_script(AWAY)
        opened = tab.new_page()
        opened.complaints = []
        opened.on("console", lambda message: message.type == "error" and opened.complaints.append(message.text))
        opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.goto((study / "report" / "index.html").as_uri())
        opened.locator("#explorer[data-ready]").wait_for()
        yield opened
        assert opened.complaints == []


def reloaded(page: Any, made: str) -> None:
    page.get_by_text(f"made at {made}").wait_for()
    page.locator("#explorer[data-ready]").wait_for()


def test_a_reload_leaves_the_reader_in_place(page: Any, study: Path) -> None:
    page.locator("#map-metric").select_option("1")
    page.locator("#sample").click()
    page.locator("#play", has_text="Play").wait_for()
    page.locator("#place").fill("40")
    page.locator("#turn").fill("35")
    names = page.evaluate("JSON.parse(document.getElementById('page-data').textContent).trials.map(t => t.name)")
    page.locator("#map-trial").select_option(str(names.index("a8-1")))
    page.locator("details").last.locator("summary").click()
    page.locator("#curve").scroll_into_view_if_needed()
    look = """() => [scrollY, ...['map-metric', 'place', 'turn'].map(id => document.getElementById(id).value),
        document.getElementById('pose-b-random').checked, document.getElementById('name-acai').textContent,
        document.getElementById('path-numbers').textContent, document.getElementById('chosen-name').textContent,
        [...document.querySelectorAll('details')].map(d => d.open)]"""
    before = page.evaluate(look)
    write(study, "second")
    page.evaluate("back()")
    reloaded(page, "second")
    in_place = [*before[1:], True]
    after = awaited(
        page, lambda: page.evaluate(look), lambda now: [*now[1:], abs(now[0] - before[0]) <= SHIFT_PX] == in_place
    )
    assert after[1:] == before[1:]
    assert before[0] > 500
    assert after[0] == pytest.approx(before[0], abs=SHIFT_PX)


def test_it_waits_while_the_reader_holds_plays_or_has_just_used_it(page: Any, study: Path) -> None:
    page.locator("#place").scroll_into_view_if_needed()
    box = page.locator("#place").bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    write(study, "third")
    page.evaluate("back()")
    page.wait_for_timeout(1000 * (QUIET_S + EVERY_S) + 1000)
    assert page.get_by_text("made at first").count() == 1
    page.mouse.up()
    reloaded(page, "third")


def test_the_page_of_a_finished_study_reloads_no_more(page: Any, study: Path) -> None:
    write(study, "", live=False)
    page.evaluate("back()")
    page.get_by_text("being watched").wait_for(state="detached")
    page.locator("#explorer[data-ready]").wait_for()
    page.evaluate("back(); window.same = true")
    page.wait_for_timeout(1000 * EVERY_S + 1500)
    assert page.evaluate("window.same")
