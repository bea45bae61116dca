"""How a model's codes are spread over the sphere."""

from acai_ray import metrics
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import one
from acai_ray.poses.splits import Split


def codes(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """The spread of the split's codes; nothing for models whose codes are not on the sphere."""
    if not measured.model.spherical:
        return
    of_split = measured.codes[split].cpu()  # a small summary in float64, which most devices are slow at
    length, participation = metrics.code_spread(of_split)
    for name, value in (("code_resultant_length", length), ("code_participation_ratio", participation)):
        if value.isfinite():  # it is NaN for codes that are all equal
            out.metrics.append(one(split, "none", name, "1", value, len(of_split)))
