"""From a model and the poses to its metric rows, curves, per-person values and gallery."""

from acai_ray.evaluation.controls import evaluate_control, shrunk
from acai_ray.evaluation.evaluate_model import evaluate, metric_names
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.sample_size import at_smaller_sizes

__all__ = ["Evaluation", "at_smaller_sizes", "evaluate", "evaluate_control", "metric_names", "shrunk"]
