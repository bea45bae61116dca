"""Who the people of a study are: bodies, folds, and who is not tested, as far as its study.json tells."""

from collections.abc import Iterator, Mapping

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.answer import field
from acai_ray.analysis.wording import clean, counted, number
from acai_ray.common.people_sentences import PersonFacts, folds_of, people_of, shared_bodies, too_few_poses


def people_facts(analysis: Analysis) -> list[str]:
    """Sentences on people, bodies, folds and who is not tested."""
    data = field(analysis.results.study, "data", default={})
    people = people_of(data) if isinstance(data, Mapping) else {}
    if not people:
        return []
    return [clean(sentence) for sentence in (*_bodies(people, data), *_few(analysis, people), *_folds(data))]


def _bodies(people: Mapping[str, PersonFacts], data: Mapping[str, object]) -> Iterator[str]:
    bodies = len({facts.body for facts in people.values()})
    yield f"The data has {counted(len(people), 'people', 'person')} with {counted(bodies, 'bodies', 'body')}."
    for group in shared_bodies(people):
        yield f"One body is that of {', '.join(group)}."
    gap = data.get("body_gap_mm")
    if isinstance(gap, int | float):
        yield f"The two bodies that are most alike differ by {number(float(gap), 3)} mm in a limb."


def _few(analysis: Analysis, people: Mapping[str, PersonFacts]) -> Iterator[str]:
    least = field(analysis.results.study, "space", "evaluation", "person_poses", default=0)
    splits = ("train", "valid", "test") if folds_of(field(analysis.results.study, "data")) else ("test",)
    for sentence in too_few_poses(people, least if isinstance(least, int) else 0, splits):
        yield f"{sentence}."


def _folds(data: Mapping[str, object]) -> Iterator[str]:
    for fold in folds_of(data):
        beside = f"; {', '.join(fold.left_out)} share a body with them and stay out" if fold.left_out else ""
        yield f"Fold {fold.number} tests {', '.join(fold.tested)} ({counted(fold.poses, 'poses', 'pose')}){beside}."
