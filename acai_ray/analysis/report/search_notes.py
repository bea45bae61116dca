"""What the page says beside importances, fronts with hypervolumes, and people: how to read them and how not to."""

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.fronts import fronts
from acai_ray.analysis.compare.hypervolume import BEYOND, hypervolumes
from acai_ray.analysis.compare.importances import BEST_SHARE, FORESTS, LEAST_TRIALS, Importances, importances
from acai_ray.analysis.compare.people import agreement, by_person
from acai_ray.analysis.tables import search_tables
from acai_ray.analysis.tables.table import Table
from acai_ray.analysis.wording import setting_label

Parts = tuple[list[str], list[Table], list[Table]]
"""Paragraphs, tables and folded tables of a section."""

_SPLIT = {"valid": "validation", "test": "test"}
_SCALES = {"log": "log₁₀", "linear": "linear", "category": "by category"}


def importance_parts(analysis: Analysis) -> Parts:
    """Importances, or how many trials they need; nothing where fewer than two settings vary."""
    found = importances(analysis)
    if len(found.scales) < 2:
        return [], [], []
    if found.frame.empty:
        return [_why_none(found)], [], []
    scales = ", ".join(f"{setting_label(name)} {_SCALES[scale]}" for name, scale in found.scales.items())
    notes = [
        f"Of {_counted(found)}, each the mean over its seeds on {_SPLIT[found.split]} poses. Taken as: {scales}. "
        "Settings that this study holds fixed have no importance, which does not mean that they do not matter.",
        "fANOVA (Hutter et al. 2014): the share of a random forest's variance that a setting explains alone, over its "
        "whole range, bad regions included; what is missing to 1 is the settings' interplay. The bar is the mean of "
        f"{FORESTS} forests with fixed seeds. PED-ANOVA (Watanabe et al. 2023): what separates the best "
        f"{BEST_SHARE:.0%} of the trials from all of them, each setting's part of the sum; it says nothing about the "
        "rest of the range. The latent size is a setting like the others: where it moves a metric most, little is left "
        "for λ and γ.",
        "Diamonds show the same with the trials' values shuffled: a bar that is not clearly longer says nothing. "
        + ("The search crowds its trials where they were good, so " if found.phase == "search" else "Of few trials, ")
        + "neither kind is an effect or a cause: it says where to look, and fresh seeds decide.",
    ]
    return notes, [], [search_tables.importance_table(found)]


def front_parts(analysis: Analysis) -> Parts:
    """Fronts and hypervolumes."""
    frame, found = fronts(analysis), hypervolumes(analysis)
    if frame.empty:
        return [], [], []
    notes = [
        "A trial is on its arm's front if no other trial of that arm and latent size is as good in both and better in "
        "one (means over seeds). What lies above and right of a line (below and right, where higher is better) is "
        "beaten by a trial on it. ACAI has many settings and vanilla one, so ACAI's front has more chances, with noise "
        "alone: a front that only just reaches further is no evidence."
    ]
    folded = [search_tables.front_table(frame)]
    if found.sizes.empty:
        return notes, [], folded
    notes.append(
        "Hypervolume: the share of the box between the ideal and the reference point that the trials dominate, over "
        "the objectives of the study. The box is the same for both arms: of each objective the best and the worst "
        "value among the runs of all trials that are on their own arm's front, and the reference point lies "
        f"{BEYOND:.0%} of that range beyond the worst; what is worse in any objective counts nothing. "
        "“All of ACAI” keeps the advantage of many settings, by seed as well; the fair comparison is the last column: "
        "one ACAI setting picked blindly against vanilla, seed by seed, with the 95 % t interval. Shown, not tested; "
        "the same numbers chose the front."
    )
    tables = [search_tables.hypervolume_table(found), search_tables.box_table(found)]
    return notes, tables, [search_tables.seed_table(found), *folded]


def people_parts(analysis: Analysis) -> Parts:
    """Differences by person of the family that answers."""
    people = by_person(analysis)
    if people.empty or analysis.answer is None:
        return [], [], []
    n, split = people["subject"].nunique(), analysis.answer.split
    note = (
        f"{n} {_SPLIT[split]} {'person' if n == 1 else 'people'}, each the mean over the paired seeds. Seeds measure "
        "training noise; people are what a result must generalise over, and no number of seeds makes more of them. "
        "Shown, not tested: poses of one person are alike, and few people cannot carry a test. An effect that holds "
        "for some people only is an effect on these people. Prior recall never decides."
    )
    return [note], [], [search_tables.agreement_table(agreement(people), split), search_tables.person_table(people)]


def _why_none(found: Importances) -> str:
    if found.n >= LEAST_TRIALS:
        return f"No primary metric was measured with different values in {LEAST_TRIALS} finished ACAI trials."
    return (
        f"{_counted(found)} are too few for importances: PED-ANOVA compares the best {BEST_SHARE:.0%} of the trials "
        f"with all, and that share should hold five, so at least {LEAST_TRIALS} finished ACAI trials with the metric "
        "are needed; a random forest on fewer explains noise."
    )


def _counted(found: Importances) -> str:
    left = f" ({found.n_left_out} more did not finish with all their seeds)" if found.n_left_out else ""
    return f"{found.n} finished ACAI {'trial' if found.n == 1 else 'trials'}{left}"
