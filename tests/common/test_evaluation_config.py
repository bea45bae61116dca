"""The sizes of an evaluation: the report's are the defaults, and they must fit each other."""

import pytest

from acai_ray.common.errors import UserError
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.settings import parse


def test_the_defaults_are_the_reports() -> None:
    evaluation = EvaluationConfig()
    assert (evaluation.pairs, evaluation.transitions) == (10_000, 100)
    assert (evaluation.targets, evaluation.generated) == (10_000, 180_000)
    assert (evaluation.distance_pairs, evaluation.distance_points, evaluation.neighbours) == (1_000, 10, 5)
    assert evaluation.critic_draws >= 1_000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"pairs": 0}, ["pairs", "greater than or equal to 1"]),
        ({"transitions": 1}, ["transitions", "greater than or equal to 2"]),
        ({"targets": 5}, ["targets", "neighbours", "5"]),
        ({"targets": 500, "generated": 499}, ["generated", "at least targets, 500", "499"]),
    ],
)
def test_evaluation_sizes_fit_each_other(content, says) -> None:
    with pytest.raises(UserError) as caught:
        parse(EvaluationConfig, content, "mine.yaml")
    assert all(part in str(caught.value) for part in says), caught.value
