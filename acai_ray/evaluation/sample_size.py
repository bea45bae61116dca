"""How each metric depends on the size of its samples."""

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.evaluation.evaluate_model import evaluate
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.generative_model import GenerativeModel
from acai_ray.evaluation.metric_rows import Row
from acai_ray.evaluation.yardstick import Yardstick

FRACTIONS = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
SIZES = ("pairs", "distance_pairs", "generated", "targets", "diverse", "critic_draws")


def at_smaller_sizes(model: GenerativeModel, yardstick: Yardstick, whole: Evaluation) -> list[Row]:
    """Rows of the table `sensitivity`, without `run_id`: the last split's metrics at shares of all sample sizes.

    Shares too small for the sets' metrics are left out.

    Args:
        model: what `whole` measured.
        yardstick: with the full sizes.
        whole: the evaluation at those.
    """
    split = yardstick.splits[-1]
    rows = [_row(1.0, row) for row in whole.metrics if row["split"] == split]
    for fraction in FRACTIONS:
        config = _smaller(yardstick.config, fraction)
        if config.targets > config.most_neighbours:
            smaller = evaluate(model, yardstick.resized(config), splits=[split])
            rows += [_row(fraction, row) for row in smaller.metrics]
    return rows


def _smaller(config: EvaluationConfig, fraction: float) -> EvaluationConfig:
    return config.model_copy(update={name: max(2, int(getattr(config, name) * fraction)) for name in SIZES})


def _row(fraction: float, row: Row) -> Row:
    return {"fraction": fraction, **row}
