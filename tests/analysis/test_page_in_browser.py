"""The page in a real browser: it loads in silence, the slider moves the skeletons, JavaScript agrees with Python.

Needs Chromium on the machine; playwright, from the development requirements, only drives it.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from acai_ray import load_model, metrics, store
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.saved_models.embedding import embed, rounded_to_half
from acai_ray.analysis.saved_models.explorable import BUDGET
from acai_ray.analysis.saved_models.model_file import read_autoencoder
from acai_ray.common.skeleton import BONES
from acai_ray.latent import sample_sphere, slerp
from acai_ray.models import networks
from tests.helpers.model_factory import save, save_all
from tests.helpers.quick_reports import no_pdf
from tests.helpers.report_pages import PATIENCE_MS, Visit, awaited, models, trials, visit
from tests.helpers.study_factory import Trial, build

pytestmark = pytest.mark.slow

EVIL = "</script><script>window.evil = 1</script><img src=x onerror='window.evil = 1'>"
LARGEST_PAGE = 15_000_000
TWO_PICTURES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
PLACES = """() => {
  window.places = [];
  const [place, text] = ["place", "place-text"].map((name) => document.getElementById(name));
  new MutationObserver(() => places.push(Number(place.value))).observe(text, { childList: true });
}"""
"""Notes each place of the slider that is shown, however little time it is."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two latent sizes with three λ each, reported; only first seeds have models, a16-2 has none. For reading only."""
    folder = build(tmp_path_factory.mktemp("results") / "demo", trials())
    save_all(folder, models(trials()[:-1]))
    with no_pdf():
        assert main([str(folder)]) == 4
    return folder


@pytest.fixture(scope="module")
def opened(browser: Any, study: Path) -> Iterator[Visit]:
    with visit(browser, study) as seen:
        yield seen


@pytest.fixture
def fresh(opened: Visit) -> Visit:
    """The page at the start of its path, on its first pair."""
    opened.page.locator("#pair").select_option("0")
    opened.page.locator("#pose-b-1").check()
    opened.page.locator("#place").fill("0")
    return opened


def test_it_loads_without_a_complaint_and_asks_the_network_for_nothing(opened: Visit, study: Path) -> None:
    assert opened.complaints == []
    assert opened.requests == [(study / "report" / "index.html").as_uri()]
    assert opened.page.locator("#map").is_visible()
    assert not opened.page.locator(".needs-script").first.is_visible()


def test_the_slider_moves_both_skeletons(fresh: Visit) -> None:
    before = {arm: fresh.skeleton(arm) for arm in ("vanilla", "acai")}
    fresh.page.locator("#place").fill("60")
    for arm, coordinates in before.items():
        assert fresh.skeleton(arm) != coordinates
    assert "t = 0.60" in fresh.text("place-text")
    assert "t = 0.60" in fresh.page.locator("#place").get_attribute("aria-valuetext")
    marked = fresh.page.evaluate("document.getElementById('curve').data.slice(3).map(t => t.x[0])")
    assert marked == [60, 60]


def test_the_keyboard_does_it_too(fresh: Visit) -> None:
    start = fresh.skeleton("acai")
    fresh.page.locator("#place").focus()
    fresh.page.keyboard.press("End")
    end = fresh.skeleton("acai")
    assert end != start
    fresh.page.locator("#pose-b-1").focus()
    fresh.page.keyboard.press("ArrowRight")
    assert fresh.page.locator("#pose-b-2").is_checked()
    assert fresh.skeleton("acai") != end
    fresh.page.locator("#turn").focus()
    fresh.page.keyboard.press("ArrowLeft")
    assert int(fresh.page.locator("#turn").input_value()) == -5
    fresh.page.keyboard.press("ArrowRight")


def test_play_walks_to_the_end_and_stops(fresh: Visit) -> None:
    start = fresh.skeleton("acai")
    click = "() => { const play = document.getElementById('play'); play.click(); return play.textContent; }"
    assert fresh.page.evaluate(click) == "Pause"
    fresh.page.locator("#play", has_text="Play").wait_for()
    assert fresh.page.locator("#place").input_value() == "100"
    assert fresh.skeleton("acai") != start


def test_a_random_code_of_the_sphere_can_be_walked_to(fresh: Visit) -> None:
    fresh.page.locator("#sample").click()
    fresh.page.locator("#play", has_text="Play").wait_for()
    assert fresh.page.locator("#pose-b-random").is_checked()
    first = fresh.skeleton("acai")
    fresh.page.locator("#sample").click()
    fresh.page.locator("#play", has_text="Play").wait_for()
    assert fresh.skeleton("acai") != first


def test_the_list_and_the_map_pick_the_run(fresh: Visit) -> None:
    page = fresh.page
    names = page.evaluate("JSON.parse(document.getElementById('page-data').textContent).trials.map(t => t.name)")
    page.locator("#map-trial").select_option(str(names.index("a8-0")))
    assert "a8-0-0" in fresh.text("name-acai")
    assert "v8-0" in fresh.text("name-vanilla")
    points = "{points: [{customdata: name}]}"
    click = f"([panel, name]) => document.querySelectorAll('.panel')[panel].emit('plotly_click', {points})"
    page.evaluate(click, [1, names.index("a16-0")])
    assert "a16-0-0" in fresh.text("name-acai")
    assert page.locator("#map-trial").input_value() == str(names.index("a16-0"))
    page.evaluate(click, [1, names.index("a16-2")])
    assert "a16-2-0 was left out: config.json is missing" in fresh.text("chosen-note")
    assert "a16-0-0" in fresh.text("name-acai")


def test_a_click_on_a_dot_picks_its_run(fresh: Visit) -> None:
    panel = fresh.page.locator(".panel").first
    panel.scroll_into_view_if_needed()
    places = panel.locator(".points path")
    fresh.page.locator("#map-trial").select_option("0")
    before = fresh.text("chosen-name")
    box = places.nth(2).bounding_box()
    fresh.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert awaited(fresh.page, lambda: fresh.text("chosen-name"), lambda name: name != before) != before


def eyes_meet(seen: Visit, wanted: Callable[[float], bool]) -> list[list[float]]:
    """Where both scenes are looked at from, once that is the same and its first coordinate as wanted."""

    def same(eyes: list[list[float]]) -> bool:
        return eyes[0] == pytest.approx(eyes[1], abs=1e-2) and wanted(eyes[0][0])

    return awaited(seen.page, lambda: [seen.eye(arm) for arm in ("vanilla", "acai")], same)


def dragged(seen: Visit) -> bool:
    """Drag the vanilla scene as a hand would, with pictures between the moves; returns whether it turned.

    Where a busy machine draws no picture between two moves, the scene takes them for none.
    """
    scene = seen.page.locator("#scene-vanilla")
    scene.scroll_into_view_if_needed()
    box = scene.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    seen.page.mouse.move(x, y)
    seen.page.evaluate(TWO_PICTURES)
    seen.page.mouse.down()
    for step in range(1, 9):
        seen.page.evaluate(TWO_PICTURES)
        seen.page.mouse.move(x + 10 * step, y + 3 * step)
    seen.page.evaluate(TWO_PICTURES)
    seen.page.mouse.up()
    seen.page.evaluate(TWO_PICTURES)
    return abs(seen.eye("vanilla")[0]) > 0.1


def test_turning_one_scene_turns_the_other(fresh: Visit) -> None:
    assert any(dragged(fresh) for _ in range(20))
    left, right = eyes_meet(fresh, lambda across: abs(across) > 0.1)
    assert abs(left[0]) > 0.1
    assert left == pytest.approx(right, abs=1e-2)
    fresh.page.locator("#tilt").fill("10")
    fresh.page.locator("#turn").fill("0")
    left, right = eyes_meet(fresh, lambda across: abs(across) < 1e-6)
    assert left == pytest.approx(right)
    assert left[0] == pytest.approx(0, abs=1e-6)


def test_the_metric_colours_the_map(fresh: Visit) -> None:
    colours = "document.querySelector('.panel').data[0].marker.color"
    before = fresh.page.evaluate(colours)
    fresh.page.locator("#map-metric").select_option("3")
    assert fresh.page.evaluate(colours) != before
    assert "Path coverage" in fresh.text("scale-name")
    fresh.page.locator("#map-metric").select_option("0")


def network(page: Any, run_id: str, function: str, *arguments: Any) -> Any:
    """Call one of the page's functions with a run's decoder as its first argument."""
    program = """([run, name, rest]) => {
      const page = JSON.parse(document.getElementById("page-data").textContent);
      const pair = page.pairs.find((pair) => pair.runs.includes(run));
      const network = acai.readNetwork(page.networks[pair.runs[0] === run ? pair.vanilla : pair.acai], page.bones);
      const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
      return JSON.parse(JSON.stringify(acai[name](network, ...rest), plain));
    }"""
    return page.evaluate(program, [run_id, function, list(arguments)])


@pytest.mark.parametrize("run_id", ["v16-0", "a16-1-0", "a8-0-0"])
def test_the_decoder_is_pythons(opened: Visit, study: Path, run_id: str) -> None:
    model, saved = load_model(study / "models" / run_id), read_autoencoder(study, run_id)
    codes = sample_sphere(5, model.latent_dim, torch.Generator().manual_seed(3))
    found = np.array([network(opened.page, run_id, "decode", code.tolist()) for code in codes])
    np.testing.assert_allclose(found, rounded_to_half(saved.decoder)(codes.numpy()), atol=1e-5, rtol=0)
    shifts = np.linalg.norm(found.reshape(-1, 17, 3) - model.decode(codes).numpy(), axis=2)
    assert shifts.max() < 1e-3


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize("name", networks.names())
def test_the_decoder_of_every_network_is_pythons(opened: Visit, tmp_path: Path, name: str, norm: str) -> None:
    model = save(tmp_path, "a-0", network=name, norm=norm, depth=3)
    saved = read_autoencoder(tmp_path, "a-0")
    embedded = embed(saved, sample_sphere(4, 51, torch.Generator().manual_seed(1)).numpy())
    codes = sample_sphere(3, model.latent_dim, torch.Generator().manual_seed(3))
    program = """([network, bones, codes]) => {
      const read = acai.readNetwork(network, bones);
      return codes.map((code) => Array.from(acai.decode(read, code)));
    }"""
    bones = [[parent, child] for child, parent in BONES]
    found = np.array(opened.page.evaluate(program, [asdict(embedded), bones, codes.tolist()]))
    np.testing.assert_allclose(found, rounded_to_half(saved.decoder)(codes.numpy()), atol=1e-5, rtol=0)
    assert np.linalg.norm(found.reshape(-1, 17, 3) - model.decode(codes).numpy(), axis=2).max() < 1e-3


def test_the_great_circle_is_pythons(opened: Visit) -> None:
    generator = torch.Generator().manual_seed(4)
    starts, ends = (sample_sphere(6, 5, generator).double() for _ in range(2))
    ends[0], ends[1] = starts[0], -starts[1]
    ends[2] = torch.nn.functional.normalize(-starts[2] + 1e-4 * ends[2], dim=0)
    places = [0.0, 0.01, 0.3, 0.5, 0.99, 1.0]
    expected = slerp(starts, ends, places)
    calls = "([a, b, places]) => a.map((z1, i) => places.map((t) => acai.slerp(z1, b[i], t)))"
    found = opened.page.evaluate(calls, [starts.tolist(), ends.tolist(), places])
    np.testing.assert_allclose(found, expected, atol=1e-9, rtol=0)


def test_the_step_lengths_are_pythons(opened: Visit, study: Path) -> None:
    z1, z2 = sample_sphere(2, 16, torch.Generator().manual_seed(5))
    path = np.array(network(opened.page, "a16-1-0", "decodePath", z1.tolist(), z2.tolist()))
    assert path.shape == (101, 51)
    curve, anci, ratio = opened.page.evaluate(
        "(p) => { const c = acai.transitionCurve(p); return [c, acai.anci(c), acai.smoothnessRatio(c)]; }",
        path.tolist(),
    )
    expected = metrics.transition_curve(path.reshape(1, 101, 17, 3))
    np.testing.assert_allclose(curve, expected[0], rtol=1e-5)
    assert anci == pytest.approx(float(metrics.anci(expected)), rel=1e-5)
    assert ratio == pytest.approx(float(metrics.smoothness_ratio(expected)[0]), rel=1e-5)
    assert opened.page.evaluate("acai.transitionCurve([[1, 2, 3], [1, 2, 3]])") is None
    assert opened.page.evaluate("acai.smoothnessRatio([1, 0, 2])") is None


def test_samples_lie_on_the_sphere(opened: Visit) -> None:
    drawn = "Array.from({length: 20_000}, () => acai.sample({d: 3, spherical: %s}))"
    codes = np.array(opened.page.evaluate(drawn % "true"))
    np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 1)
    np.testing.assert_allclose(codes.mean(0), 0, atol=0.06)
    np.testing.assert_allclose(codes.var(0), 1 / 3, atol=0.04)
    flat = np.array(opened.page.evaluate(drawn % "false"))
    np.testing.assert_allclose(flat.mean(0), 0, atol=0.1)
    np.testing.assert_allclose(flat.var(0), 1, atol=0.15)


def test_paths_between_flat_codes_are_straight(opened: Visit) -> None:
    assert opened.page.evaluate("acai.between({spherical: false}, [1, 0], [0, 4], 0.25)") == [0.75, 1]
    turned = opened.page.evaluate("acai.between({spherical: true}, [1, 0], [0, 1], 0.5)")
    assert turned == pytest.approx([2**-0.5, 2**-0.5])


def test_without_webgl_the_skeleton_is_drawn_in_projection(chromium: Any, study: Path) -> None:
    with visit(chromium("--disable-3d-apis"), study) as seen:
        assert seen.complaints == []
        before = seen.skeleton("acai")
        seen.page.locator("#place").fill("50")
        moved = seen.skeleton("acai")
        assert moved != before
        seen.page.locator("#turn").fill("90")
        assert seen.skeleton("acai") != moved


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_whole_in_both_schemes(browser: Any, study: Path, scheme: str) -> None:
    with visit(browser, study, viewport={"width": 390, "height": 844}, color_scheme=scheme) as seen:
        assert seen.complaints == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
        ink = seen.page.evaluate("getComputedStyle(document.body).color")
        trunk = seen.page.evaluate("document.getElementById('scene-acai').data[0].line.color")
        assert [int(trunk[i : i + 2], 16) for i in (1, 3, 5)] == [int(part) for part in ink[4:-1].split(",")]


def test_a_change_of_scheme_is_followed(browser: Any, study: Path) -> None:
    with visit(browser, study, color_scheme="light") as seen:
        trunk = "document.getElementById('scene-acai').data[0].line.color"
        light = seen.page.evaluate(trunk)
        seen.page.emulate_media(color_scheme="dark")
        assert awaited(seen.page, lambda: seen.page.evaluate(trunk), lambda dark: dark != light) != light


def test_readers_who_want_no_motion_get_still_pictures(browser: Any, study: Path) -> None:
    with visit(browser, study, reduced_motion="reduce") as seen:
        seen.page.evaluate(PLACES)

        def walked() -> set[int]:
            seen.page.locator("#play").click()
            seen.page.locator("#play", has_text="Play").wait_for()
            return set(seen.page.evaluate("places"))

        places = awaited(seen.page, walked, lambda places: len(places) > 2)  # the slower, the fewer in one walk
        assert len(places) > 2
        assert places <= set(range(0, 101, 10))


def test_print_leaves_the_interactive_parts_out(browser: Any, study: Path) -> None:
    with visit(browser, study) as seen:
        seen.page.emulate_media(media="print")
        assert not seen.page.locator("#explorer").is_visible()
        assert seen.page.locator(".print-note").first.is_visible()


def test_without_scripts_the_page_says_what_is_missing(browser: Any, study: Path) -> None:
    with browser.new_context(java_script_enabled=False) as tab:
        tab.set_default_timeout(PATIENCE_MS)
        page = tab.new_page()
        page.goto((study / "report" / "index.html").as_uri())
        assert page.locator(".needs-script").first.is_visible()
        assert not page.locator("#map").is_visible()


def test_a_strangers_study_runs_no_code(browser: Any, tmp_path: Path) -> None:
    evil = [
        Trial("v", "grid", 0.0, [0], pictures=True),
        Trial("a", "grid", 0.1, [0], pictures=True),
    ]
    folder = build(tmp_path, evil, study=EVIL, question=EVIL, machine={EVIL: EVIL})
    save(folder, "v-0")
    save(folder, "a-0", 1, lam=0.1)
    for table, key in (("runs", "a"), ("runs", "v")):
        rows = store.read(folder, table, key)
        store.write(folder, table, key, rows.assign(trial_id=f"{key}{EVIL}", reason=EVIL, node=EVIL))
    assert main([str(folder)]) == 0
    with visit(browser, folder) as seen:
        seen.page.locator("#place").fill("50")
        assert EVIL in seen.text("chosen-name")
        assert seen.page.evaluate("window.evil === undefined")
        assert seen.page.locator("img[src=x]").count() == 0
        assert seen.complaints == []
        seen.page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {textContent: 'evil = 1'}))"
        )
        assert seen.page.evaluate("window.evil === undefined")
        complaints = awaited(seen.page, lambda: seen.complaints, len)
        assert "Content Security Policy" in complaints[0]


def test_sixty_four_trials_stay_below_15_megabytes(browser: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    vanilla = [Trial(f"b{d}", "baseline", 0.0, range(3), latent_dim=d, pictures=True) for d in (4, 8, 16, 32)]
    searched = [
        Trial(
            f"s{i:05}",
            "search",
            10 ** rng.uniform(-4, 0),
            range(3),
            latent_dim=d,
            gamma=rng.uniform(0, 0.5),
            pictures=True,
        )
        for i, d in enumerate([4, 8, 16, 32] * 16)
    ]
    folder = build(tmp_path, [*vanilla, *searched], split="valid")
    save_all(folder, models([*vanilla, *searched]))
    with no_pdf():
        assert main([str(folder)]) == 4
    size = (folder / "report" / "index.html").stat().st_size
    with visit(browser, folder) as seen:
        assert seen.complaints == []
        assert size < LARGEST_PAGE
        decoders = seen.page.evaluate(
            "JSON.stringify(JSON.parse(document.getElementById('page-data').textContent).networks).length"
        )
        assert decoders <= BUDGET * 1.01
        sizes = seen.page.evaluate(
            "JSON.parse(document.getElementById('page-data').textContent).pairs.map(p => p.latent_dim)"
        )
        assert min(sizes.count(d) for d in (4, 8, 16, 32)) >= 4
        print(f"{size:,} bytes, {len(sizes)} of 64 pairs explorable")
