"""Statistics of values of which some are not defined."""

import math

import numpy as np
import pytest
import torch

from acai_ray.metrics import statistics


def test_statistics_leave_out_what_is_not_defined_and_say_so() -> None:
    values = torch.tensor([1.0, 2.0, math.nan, 4.0, 9.0])
    assert statistics(values) == pytest.approx({"n": 4, "n_left_out": 1, "mean": 4, "median": 3, "variance": 38 / 3})
    assert statistics(np.array([5.0, np.inf])) == {"n": 1, "n_left_out": 1, "mean": 5, "median": 5}
    assert statistics(torch.full((3,), math.nan)) == {"n": 0, "n_left_out": 3}
