"""What a reader may take away: one sentence a latent size, in plain words, that says no more than the verdicts do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from acai_ray import store
from acai_ray.analysis.compare import Family, analyse
from acai_ray.analysis.compare.answer import answer
from acai_ray.analysis.compare.pairs import GROUPS
from acai_ray.analysis.compare.takeaway import COSTS, GAINS, SUBJECTS, takeaways
from acai_ray.protocol.primary import PRIMARY, parse_margins
from acai_ray.protocol.verdicts import Word
from tests.helpers.study_factory import Trial, build

EQUAL, OPEN = (0.0, Word.EQUIVALENT), (0.3, Word.UNDECIDED)
BETTER = {
    "reconstruction": (-2.4, Word.BETTER),
    "smoothness": (-0.31, Word.BETTER),
    "bones": (-1.06, Word.BETTER),
    "coverage": (0.021, Word.BETTER),
}
WORSE = {name: (-mean, Word.WORSE) for name, (mean, _) in BETTER.items()}

Verdicts = Mapping[str, tuple[float, Word]]
"""Mean and verdict of some primary metrics; the others are equivalent."""


def cell(verdicts: Verdicts, lam: float = 0.1, size: int = 16, gamma: float = 0.05, pick: str = "") -> dict[str, Any]:
    return {"verdicts": verdicts, "arm": "acai", "latent_dim": size, "lam": lam, "gamma": gamma, "pick": pick}


def family(*cells: dict[str, Any]) -> Family:
    """A family of which only what the sentences are made of is filled."""
    numbered = [{"cell": number, **cell} for number, cell in enumerate(cells)]
    tests = [
        {**row, "metric": metric.name, "mean": mean, "verdict": word.value}
        for row in numbered
        for metric in PRIMARY
        for mean, word in [row["verdicts"].get(metric.name, EQUAL)]
    ]
    nothing = pd.DataFrame()
    return Family(GROUPS[1], "test", pd.DataFrame(numbered), pd.DataFrame(tests), nothing, nothing, {"acai": "ACAI"})


def said(*cells: dict[str, Any]) -> str:
    """The sentence of the only latent size."""
    (sentence,) = takeaways(family(*cells))
    return sentence


def of(verdicts: Verdicts, *names: str) -> dict[str, tuple[float, Word]]:
    return {name: verdicts[name] for name in names}


def undecided(*names: str) -> dict[str, tuple[float, Word]]:
    return dict.fromkeys(names, OPEN)


ALL = [metric.name for metric in PRIMARY]
IT = "a weight of λ = 0.1"
NONE = "no weight λ that was tried"
NO_GAIN = f"{NONE} brings a gain that could be shown"


def test_every_primary_metric_has_its_words() -> None:
    assert list(GAINS) == list(COSTS) == list(SUBJECTS) == ALL


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        (
            of(BETTER, "bones"),
            f"{IT} brings bone lengths on paths 1.1 mm nearer to real ones and costs nothing that matters",
        ),
        (
            of(BETTER, "coverage") | undecided("reconstruction"),
            f"{IT} covers 2.1 percentage points more of a person's poses with its paths at no cost that "
            "could be shown; undecided: reconstruction",
        ),
        (
            of(BETTER, "bones", "coverage") | of(WORSE, "reconstruction"),
            f"{IT} brings bone lengths on paths 1.1 mm nearer to real ones and covers 2.1 percentage "
            "points more of a person's poses with its paths and costs 2.4 mm of reconstruction",
        ),
        (
            of(BETTER, "reconstruction") | of(WORSE, "smoothness", "bones", "coverage"),
            f"{IT} reconstructs poses 2.4 mm more exactly and costs evenness of paths (smoothness ratio "
            "0.31 higher), 1.1 mm of bone lengths on paths and 2.1 percentage points of coverage",
        ),
        (
            of(BETTER, "smoothness") | of(WORSE, "bones") | undecided("reconstruction", "coverage"),
            f"{IT} makes paths more even (smoothness ratio 0.31 lower) and costs 1.1 mm of bone lengths on "
            "paths; undecided: reconstruction and coverage",
        ),
        ({}, f"{NONE} changes anything that matters"),
        (
            of(WORSE, "coverage"),
            f"{NO_GAIN}, and λ = 0.1 already costs 2.1 percentage points of coverage",
        ),
        (
            undecided(*ALL),
            f"{NO_GAIN}; undecided whatever the weight: all four metrics",
        ),
        (
            of(WORSE, "bones") | undecided("smoothness"),
            f"{NO_GAIN}, and λ = 0.1 already costs 1.1 mm of bone "
            "lengths on paths; undecided whatever the weight: evenness of paths",
        ),
        (
            undecided("reconstruction", "bones"),
            f"{NO_GAIN}; undecided whatever the weight: reconstruction and bone lengths on paths",
        ),
    ],
)
def test_the_words_of_one_cell(verdicts: Verdicts, words: str) -> None:
    assert said(cell(verdicts)) == f"At d = 16, {words}."


def test_the_smallest_weight_that_harms_is_named() -> None:
    sentence = said(
        cell(of(WORSE, "bones"), lam=1.0),
        cell(of(WORSE, "reconstruction"), lam=0.02),
        cell({}, lam=0.001),
    )
    assert "λ = 0.02 already costs 2.4 mm of reconstruction" in sentence


def test_what_one_weight_decides_is_not_undecided_whatever_the_weight() -> None:
    sentence = said(cell(undecided("bones", "coverage"), lam=0.1), cell(undecided("bones"), lam=0.2))
    assert sentence.endswith("undecided whatever the weight: bone lengths on paths.")


@pytest.mark.parametrize(
    ("cells", "lam"),
    [
        ([(of(BETTER, "bones"), 0.1), (of(BETTER, "bones", "coverage"), 0.2)], "0.2"),
        ([(of(BETTER, "bones", "coverage") | of(WORSE, "reconstruction"), 0.001), (of(BETTER, "bones"), 0.2)], "0.001"),
        ([(of(BETTER, "bones") | of(WORSE, "reconstruction"), 0.001), (of(BETTER, "coverage"), 0.2)], "0.2"),
        ([(of(BETTER, "bones"), 0.3), (of(BETTER, "coverage"), 0.02), ({}, 0.001)], "0.02"),
        ([(of(BETTER, "bones") | of(WORSE, "reconstruction", "smoothness", "coverage"), 0.3), ({}, 0.02)], "0.3"),
    ],
)
def test_the_setting_named_gains_most_for_its_price_and_then_has_the_smallest_weight(
    cells: list[tuple[Verdicts, float]], lam: str
) -> None:
    assert f"a weight of λ = {lam} " in said(*(cell(verdicts, lam=value) for verdicts, value in cells))


def test_a_critics_gamma_is_named_where_several_were_tried() -> None:
    gain = of(BETTER, "bones")
    assert "λ = 0.1 brings" in said(cell(gain, gamma=0.3))
    assert "λ = 0.1, γ = 0.3 brings" in said(cell(gain, gamma=0.3), cell({}, gamma=0.05))


def test_a_pick_of_the_confirmation_is_called_by_its_name() -> None:
    assert said(cell(of(BETTER, "bones"), pick="free")).startswith(
        "At d = 16, the pick “free” (λ = 0.1) brings bone lengths"
    )


def test_latent_sizes_stand_in_their_order() -> None:
    sizes = [32, 4, 128, 16]
    sentences = list(takeaways(family(*(cell({}, size=size) for size in sizes))))
    assert [sentence.split(",")[0] for sentence in sentences] == ["At d = 4", "At d = 16", "At d = 32", "At d = 128"]


def test_the_answer_of_a_study_begins_with_whom_it_is_about_and_what_may_be_taken_away(tmp_path: Path) -> None:
    gains = {"path_bone_excess_mm": [-2.0, -2.1, -1.9], "reconstruction_mpjpe_mm": [3.0, 3.05, 2.95]}
    trials = [Trial(f"v{size}", "grid", 0.0, range(3), latent_dim=size) for size in (32, 8)]
    trials += [
        Trial("a8", "grid", 0.1, range(3), latent_dim=8, differences=gains),
        Trial("a32", "grid", 0.1, range(3), latent_dim=32),
    ]
    analysis = analyse(store.load(build(tmp_path, trials)), parse_margins([]))
    assert answer(analysis).startswith(
        f"Over the planned grid (3 people, 3 seeds, test poses): At d = 8, {IT} brings bone lengths on paths 2 mm "
        f"nearer to real ones and costs 3 mm of reconstruction. At d = 32, {NONE} changes anything that matters. "
        "Of 8 tests: 1 better, 1 worse, 6 equivalent. "
    )
