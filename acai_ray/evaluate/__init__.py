"""From a model and the poses to its metric rows, curves, per-person values and gallery."""

from acai_ray.evaluate.controls import evaluate_control, shrunk
from acai_ray.evaluate.evaluation import Evaluation
from acai_ray.evaluate.sample_size import at_smaller_sizes
from acai_ray.evaluate.whole import evaluate, metric_names

__all__ = ["Evaluation", "at_smaller_sizes", "evaluate", "evaluate_control", "metric_names", "shrunk"]
