"""What tests ask of an evaluation."""

from acai_ray.evaluation import Evaluation
from acai_ray.evaluation.metric_rows import name_of


def value(evaluation: Evaluation, name: str) -> float:
    """A metric that must be there, by its `summary()` name."""
    given = evaluation.objective(name)
    assert given is not None, name
    return given


def names(evaluation: Evaluation) -> set[str]:
    """All its metrics."""
    return {name_of(row) for row in evaluation.metrics}
