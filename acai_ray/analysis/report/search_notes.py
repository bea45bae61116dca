"""The page's sections on importances, on fronts with hypervolumes and on people: how to read them and how not to."""

from dataclasses import replace

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.fronts import fronts
from acai_ray.analysis.compare.hypervolume import BEYOND, hypervolumes
from acai_ray.analysis.compare.importances import BEST_SHARE, FORESTS, LEAST_TRIALS, Importances, importances
from acai_ray.analysis.compare.noise import noise
from acai_ray.analysis.compare.people import agreement, by_person
from acai_ray.analysis.report.people_facts import people_facts
from acai_ray.analysis.report.section import Section
from acai_ray.analysis.tables import search_tables
from acai_ray.analysis.tables.table import filled
from acai_ray.analysis.wording import SPLITS, counted, setting_label
from acai_ray.protocol.phases import Phase

_SCALES = {"log": "log₁₀", "linear": "linear", "category": "by category"}


def importances_section(analysis: Analysis) -> Section:
    """Importances, or how many trials they need; nothing where fewer than two settings vary."""
    section = Section("importances", "What the settings account for")
    shares = importances(analysis)
    if len(shares.scales) < 2:
        return section
    if shares.frame.empty:
        return replace(section, paragraphs=[_why_none(shares, analysis.arm)])
    table = search_tables.importance_table(shares)
    return replace(section, paragraphs=_importance_notes(shares, analysis.arm), folded=[table])


def _importance_notes(shares: Importances, arm: str) -> list[str]:
    scales = ", ".join(f"{setting_label(name)} {_SCALES[scale]}" for name, scale in shares.scales.items())
    crowded = "The search crowds its trials where they were good, so " if shares.phase is Phase.SEARCH else ""
    return [
        f"Of {_trials(shares, arm)}, each the mean over its seeds on {SPLITS[shares.split]} poses. Taken as: {scales}. "
        "Settings that this study holds fixed have no importance, which does not mean that they do not matter.",
        "fANOVA (Hutter et al. 2014): the share of a random forest's variance that a setting explains alone, over its "
        "whole range, bad regions included; what is missing to 1 is the settings' interplay. The bar is the mean of "
        f"{FORESTS} forests with fixed seeds. PED-ANOVA (Watanabe et al. 2023): what separates the best "
        f"{BEST_SHARE:.0%} of the trials from all of them, each setting's part of the sum; it says nothing about the "
        "rest of the range. The latent size is a setting like the others: where it moves a metric most, little is left "
        "for λ and γ.",
        "Diamonds show the same with the trials' values shuffled: a bar that is not clearly longer says nothing. "
        f"{crowded or 'Of few trials, '}"
        "neither kind is an effect or a cause: it says where to look, and fresh seeds decide.",
    ]


def fronts_section(analysis: Analysis) -> Section:
    """Fronts and hypervolumes."""
    section = Section("pareto", "Pareto fronts and hypervolume")
    frame, volumes, arm = fronts(analysis), hypervolumes(analysis), analysis.arm
    if frame.empty:
        return section
    notes = [
        "A trial is on its arm's front if no other trial of that arm and latent size is as good in both and better in "
        "one (means over seeds). What lies above and right of a line (below and right, where higher is better) is "
        f"beaten by a trial on it. {arm} has many settings and vanilla one, so its front has more chances, with noise "
        "alone: a front that reaches only a little further is no evidence."
    ]
    folded = [search_tables.front_table(frame, arm)]
    if volumes.sizes.empty:
        return replace(section, paragraphs=notes, folded=folded)
    notes.append(
        "Hypervolume: the share of the box between the ideal and the reference point that the trials dominate, over "
        "the objectives of the study. The box is the same for both arms: of each objective the best and the worst "
        "value among the runs of all trials that are on their own arm's front, and the reference point lies "
        f"{BEYOND:.0%} of that range beyond the worst; what is worse in any objective counts nothing. "
        f"“All of {arm}” keeps the advantage of many settings, by seed as well; the fair comparison is the last "
        f"column: one {arm} setting picked at random against vanilla, seed by seed, with the 95 % t interval. These "
        "numbers are shown and not tested, because the same numbers chose the front."
    )
    return replace(
        section,
        paragraphs=notes,
        tables=[search_tables.hypervolume_table(volumes, arm), search_tables.box_table(volumes)],
        folded=[search_tables.seed_table(volumes, arm), *folded],
    )


def people_section(analysis: Analysis) -> Section:
    """Who was tested, who was not, and every person's difference."""
    section = Section("people", "People, bodies and folds")
    family = analysis.answer
    if family is None or family.differences.empty:
        return section
    people = by_person(family.differences)
    notes = [
        "People are what a result must generalise over, and no number of seeds makes more of them. Paths lie between "
        "two poses of one person, and people weigh alike. People whose thighs, shins, upper arms and forearms all have "
        "the same median length within 2 mm have one body: their recordings were put onto one skeleton. A body is in "
        "one fold only. The tables below show single people; a verdict rests on folds.",
        *people_facts(analysis),
    ]
    tables = [
        *filled(search_tables.noise_table(noise(analysis), analysis.arm)),
        search_tables.agreement_table(agreement(people), family.split, family.titles),
        search_tables.person_table(people, family.titles),
    ]
    return replace(section, paragraphs=notes, folded=tables)


def _why_none(shares: Importances, arm: str) -> str:
    if shares.n >= LEAST_TRIALS:
        return f"No primary metric was measured with different values in {LEAST_TRIALS} finished {arm} trials."
    return (
        f"{_trials(shares, arm)} are too few for importances: PED-ANOVA compares the best {BEST_SHARE:.0%} of the "
        f"trials with all, and that share should hold five, so at least {LEAST_TRIALS} finished {arm} trials with the "
        "metric are needed; a random forest on fewer explains noise."
    )


def _trials(shares: Importances, arm: str) -> str:
    left_out = f" ({shares.n_left_out} more did not finish with all their seeds)" if shares.n_left_out else ""
    return f"{counted(shares.n, f'finished {arm} trial')}{left_out}"
