"""The figures of the report: a new one is one function and one line here."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.figures.people_figures import MOST_CELLS, paired_differences
from acai_ray.analysis.figures.pose_figures import paths, samples
from acai_ray.analysis.figures.search_figures import importance_bars, pareto_fronts
from acai_ray.analysis.figures.size_figures import sample_sizes
from acai_ray.analysis.figures.style import laid_out
from acai_ray.analysis.figures.sweep_figures import (
    MOST_SIZES,
    against_lambda,
    differences_by_lambda,
    transition_curves,
)
from acai_ray.analysis.figures.training_figures import critic_by_epoch, critic_health, training

SIZES = f"Of more than {MOST_SIZES} latent sizes, {MOST_SIZES} are shown, evenly picked."


@dataclass(frozen=True)
class FigureSpec:
    """A figure's file name, the report's section it stands in, title, caption, and the function that draws it.

    `draw` returns None where the study has nothing to show. `together` says that it shows all regularizers of a study;
    any other figure is drawn of each of them.
    """

    name: str
    section: str
    title: str
    caption: str
    draw: Callable[[Analysis], Figure | None]
    together: bool = False


FIGURES = (
    FigureSpec(
        "paired_differences",
        "answer",
        "Paired differences",
        "Every dot is one person, the mean over seeds, with the people of one fold at one height; the diamond and bar "
        "are the mean over folds and its 95 % interval, the shaded band is the margin; "
        "the grey bar behind is the chaos floor, what a λ of 1e-6 changes. "
        f"Of more than {MOST_CELLS} cells, {MOST_CELLS} are shown, evenly picked by their settings.",
        paired_differences,
        together=True,
    ),
    FigureSpec(
        "differences_by_lambda",
        "answer",
        "Differences against λ",
        "The mean of the paired differences and its 95 % interval; open dots are undecided, the shaded band is the "
        f"margin. {SIZES}",
        differences_by_lambda,
    ),
    FigureSpec(
        "transition_curves",
        "curves",
        "Transition curves by λ",
        "Normalised length of each step of a path, mean over pairs of poses and over seeds. A straight, even path "
        f"is 1 everywhere (dotted), which PCA and straight lines have; the untrained network's is a control. {SIZES}",
        transition_curves,
    ),
    FigureSpec(
        "against_lambda",
        "levels",
        "Primary metrics against λ",
        "Every seed is a dot, the line joins the means; the horizontal line is the mean of the vanilla runs, whose "
        f"dots stand at the left. Controls are lines: real poses, PCA of d components, lines between poses. {SIZES}",
        against_lambda,
    ),
    FigureSpec(
        "sample_sizes",
        "sizes",
        "Metrics at smaller sample sizes",
        f"Every metric over its own value at the full sizes; the horizontal line is no change. {SIZES}",
        sample_sizes,
        together=True,
    ),
    FigureSpec(
        "importances",
        "importances",
        "Importances of the settings",
        "Of each primary metric, by fANOVA (share of its variance) and PED-ANOVA (part of the sum over the settings).",
        importance_bars,
    ),
    FigureSpec(
        "pareto_fronts",
        "pareto",
        "Pareto fronts",
        "Every dot is a trial, the mean over its seeds; the line bounds what the trials of an arm's front dominate. "
        f"Further left is better. {SIZES}",
        pareto_fronts,
    ),
    FigureSpec("training", "training", "Reconstruction by epoch", f"Mean over seeds. {SIZES}", training),
    FigureSpec(
        "critic_by_epoch",
        "training",
        "The critic's terms by epoch",
        "Mean over seeds. Dashed: a critic that answers 1/8 whatever it sees (7/192 and 1/64). Dotted: one that only "
        f"tells interpolated poses from real ones (1/48 and 0). {SIZES}",
        critic_by_epoch,
    ),
    FigureSpec(
        "critic_health",
        "training",
        "Critic health after training",
        "On validation poses (test poses where there are none); vanilla runs at the left, reference lines as "
        "above. A critic near the dashed line has "
        f"been fooled, which is ACAI's aim, or never learned: the vanilla twin's critic tells which. {SIZES}",
        critic_health,
    ),
    FigureSpec(
        "samples",
        "samples",
        "Sampled poses",
        "Real poses, then poses decoded from random codes of the prior. Left limbs are blue, right limbs orange.",
        samples,
    ),
    FigureSpec(
        "paths",
        "paths",
        "Decoded paths",
        "Paths between the codes of the same two real poses, by a vanilla run and its twin with the same seed where "
        "there are twins: the middle λ and the first seed, not a selection. Left limbs are blue, right limbs orange.",
        paths,
    ),
)


def draw(spec: FigureSpec, analysis: Analysis) -> Figure | None:
    """Draw one figure in the report's look, laid out once for all the files made of it."""
    return laid_out(lambda: spec.draw(analysis))
