"""Figures as a paper needs them: widths, text sizes, fonts, colours, the same bytes."""

import itertools
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import colors
from matplotlib.figure import Figure
from matplotlib.text import Text
from pypdf import PdfReader

from acai_ray import store
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.figures import FIGURES, FigureSpec, draw, style
from acai_ray.analysis.figures.people_figures import MOST_CELLS
from acai_ray.analysis.figures.sweep_figures import MOST_SIZES
from acai_ray.common.drawing import INK, LEFT, RIGHT
from acai_ray.protocol.primary import parse_margins
from tests.helpers.study_factory import Trial, build

# Machado, Oliveira and Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# severity 1, for linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Of linear sRGB, D65."""

TOGETHER = [(style.VANILLA, style.ACAI, style.REFERENCE, INK), (LEFT, RIGHT, INK)]
"""Colours that stand in one figure and mean different things."""

DISTINCT = 20
"""A CIELAB distance that is seen at a glance; about 2.3 is just noticeable."""


def lab(colour: str | tuple[float, ...], vision: str) -> np.ndarray:
    """CIELAB of a colour as someone with that vision sees it."""
    rgb = np.array(colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def varied(more: float) -> dict[str, Any]:
    """What tells a trial's numbers from others', in all pairs and in two people."""
    names = ("reconstruction_mpjpe_mm", "smoothness_ratio_median", "path_bone_excess_mm", "path_coverage")
    return {"differences": {name: [more] * 3 for name in names}, "people": {"Anna": more, "Ben": more / 2}}


def many_sizes(folder: Path) -> Analysis:
    """Seven latent sizes, four λ each, pictures, people and controls."""
    sizes = (2, 4, 8, 16, 32, 64, 128)
    trials = [
        Trial(f"g{size:03}{place}", "grid", lam, range(3), latent_dim=size, pictures=True, **varied(lam + size / 100))
        for size in sizes
        for place, lam in enumerate((0.0, 0.001, 0.01, 0.1, 1.0))
    ]
    trials += [Trial(f"x{size:03}", "control", 1e-6, [0], latent_dim=size, control="chaos") for size in sizes]
    return analyse(store.load(build(folder, trials)), parse_margins([]))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return many_sizes(tmp_path_factory.mktemp("wide"))


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    trials = [Trial(f"g{lam}", "grid", lam, range(3), pictures=True, **varied(lam)) for lam in (0.0, 0.1)]
    trials += [Trial("x0", "control", 1e-6, [0], control="chaos"), Trial("x1", "control", 0.0, [0], control="pca")]
    return analyse(store.load(build(tmp_path_factory.mktemp("narrow"), trials)), parse_margins([]))


def shown_by(spec: FigureSpec, narrow: Analysis, wide: Analysis) -> list[Analysis]:
    """Which of the two studies have something for the figure: some take many trials."""
    return [wide] if spec.name in ("differences_by_lambda", "importances") else [narrow, wide]


_DRAWN: dict[tuple[str, Path], Figure] = {}
"""Figures by name and study; tests look at them and change nothing, so each is drawn once."""


def drawn(spec: FigureSpec, analysis: Analysis) -> Figure:
    key = (spec.name, analysis.results.path)
    if key not in _DRAWN:
        figure = draw(spec, analysis)
        assert figure is not None
        _DRAWN[key] = figure
    return _DRAWN[key]


@pytest.mark.parametrize("spec", FIGURES, ids=lambda spec: spec.name)
def test_a_figure_fits_the_columns_and_pages_of_a_paper(spec: FigureSpec, wide: Analysis, narrow: Analysis) -> None:
    for analysis in shown_by(spec, narrow, wide):
        width, height = drawn(spec, analysis).get_size_inches()
        assert width in (3.3, 7.0)
        assert height <= 9.0


@pytest.mark.parametrize("spec", FIGURES, ids=lambda spec: spec.name)
def test_all_text_is_readable_and_inside_the_figure(spec: FigureSpec, wide: Analysis, narrow: Analysis) -> None:
    for analysis in shown_by(spec, narrow, wide):
        figure = drawn(spec, analysis)
        figure.draw_without_rendering()
        inside = figure.bbox.padded(2)
        for text in figure.findobj(Text):
            if text.get_visible() and text.get_text():
                assert text.get_fontsize() >= 6, text.get_text()
        for ax in figure.axes:
            box = ax.get_tightbbox()
            assert box is None or (inside.containsx(box.x0) and inside.containsx(box.x1)), spec.name
            assert box is None or (inside.containsy(box.y0) and inside.containsy(box.y1)), spec.name


AXES = {
    "paired_differences": {"ACAI − vanilla (mm)", "ACAI − vanilla"},
    "differences_by_lambda": {"λ (m²)", "ACAI − vanilla"},
    "transition_curves": {"step t along the path", "step length / (chord / T)"},
    "against_lambda": {
        "λ (m²)",
        "Reconstruction MPJPE (mm)",
        "Smoothness ratio, median",
        "Path bone excess (mm)",
        "Path coverage",
    },
    "training": {"epoch", "training loss L_rec (m²)", "validation MPJPE (mm)"},
    "critic_by_epoch": {"epoch", "critic's α-MSE", "critic's real term"},
    "critic_health": {"λ (m²)", "critic's α-MSE", "critic's real term"},
    "importances": {"share"},
    "pareto_fronts": {
        *("Reconstruction MPJPE (mm)", "Path bone excess (mm) lower is better", "Path coverage higher is better"),
        "Smoothness ratio, median lower is better",
    },
    "sample_sizes": {"share of the sample sizes", "value / value at the full sizes"},
    "samples": set(),
    "paths": set(),
}
"""What the axes of each figure are called, with the unit of what has one."""


@pytest.mark.parametrize("spec", FIGURES, ids=lambda spec: spec.name)
def test_every_axis_has_a_name_with_its_unit(spec: FigureSpec, narrow: Analysis, wide: Analysis) -> None:
    axes = [ax for ax in drawn(spec, shown_by(spec, narrow, wide)[0]).axes if ax.axison]
    names = {" ".join(text.split()) for ax in axes for text in (ax.get_xlabel(), ax.get_ylabel())} - {""}
    assert names == AXES[spec.name]
    assert all(ax.get_xlabel() for ax in axes if ax.get_subplotspec().is_last_row())
    assert all(ax.get_ylabel() or ax.get_yticklabels() for ax in axes if ax.get_subplotspec().is_first_col())


def test_five_latent_sizes_are_shown_of_more(wide: Analysis) -> None:
    spec = next(spec for spec in FIGURES if spec.name == "critic_health")
    titles = {ax.get_title() for ax in drawn(spec, wide).axes}
    assert titles == {f"d = {size}" for size in (2, 8, 16, 32, 128)}
    assert len(titles) == MOST_SIZES


def test_sixty_cells_fit_a_page(tmp_path: Path) -> None:
    cells = [Trial(f"g{i:02}", "grid", i / 100, [0, 1]) for i in range(MOST_CELLS + 2)]
    analysis = analyse(store.load(build(tmp_path, cells)), parse_margins([]))
    figure = drawn(next(spec for spec in FIGURES if spec.name == "paired_differences"), analysis)
    assert len(figure.axes[0].get_yticklabels()) == MOST_CELLS
    assert figure.get_size_inches()[1] <= style.PAGE_HEIGHT


def test_a_pdf_embeds_truetype_fonts_and_no_date(narrow: Analysis) -> None:
    spec = FIGURES[0]
    figure = drawn(spec, narrow)
    content = style.pdf(figure)
    again = draw(spec, narrow)
    assert again is not None
    assert content == style.pdf(figure) == style.pdf(again)
    reader = PdfReader(BytesIO(content))
    assert not {"/CreationDate", "/ModDate"} & set(reader.metadata or {})
    page = reader.pages[0]
    assert float(page.mediabox.width) == pytest.approx(72 * style.TWO_COLUMNS)
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        described = font["/DescendantFonts"][0].get_object() if font["/Subtype"] == "/Type0" else font
        assert described["/Subtype"] in ("/CIDFontType2", "/TrueType")
        assert "/FontFile2" in described["/FontDescriptor"]
    assert "/XObject" not in page["/Resources"] or not any(
        found.get_object()["/Subtype"] == "/Image" for found in page["/Resources"]["/XObject"].values()
    )


def test_the_simulation_leaves_grey_alone() -> None:
    for vision in VISION:
        assert lab("#ffffff", vision) == pytest.approx([100, 0, 0], abs=0.1)


def test_red_and_green_meet_for_deuteranopes() -> None:
    pair = ("#c0504d", "#7a7a3a")
    far, near = (np.linalg.norm(lab(pair[0], vision) - lab(pair[1], vision)) for vision in ("normal", "deuteranopia"))
    assert near < far / 2


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("together", TOGETHER, ids=["arms", "limbs"])
def test_colours_differ_for_every_kind_of_vision(vision: str, together: tuple[str, ...]) -> None:
    for one, other in itertools.combinations(together, 2):
        assert np.linalg.norm(lab(one, vision) - lab(other, vision)) > DISTINCT, (one, other)


@pytest.mark.parametrize("vision", VISION)
def test_shades_keep_their_order_of_lightness_for_every_kind_of_vision(vision: str) -> None:
    lightness = [lab(shade, vision)[0] for shade in style.shades(9)]
    assert lightness == sorted(lightness)
    assert np.diff(lightness).min() > 2.3
