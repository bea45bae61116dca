"""The spread of codes on the sphere."""

import math

import pytest
import torch

from acai_ray.latent import sample_sphere
from acai_ray.metrics import code_spread


def test_even_codes_have_no_resultant_and_use_all_dimensions() -> None:
    even = torch.cat([torch.eye(5), -torch.eye(5)])
    resultant, participation = code_spread(even)
    assert float(resultant) == pytest.approx(0, abs=1e-12)
    assert float(participation) == pytest.approx(5)
    resultant, participation = code_spread(sample_sphere(50_000, 8, torch.Generator().manual_seed(0)))
    assert float(resultant) < 0.02
    assert float(participation) == pytest.approx(8, rel=0.01)


def test_codes_on_a_circle_use_two_dimensions() -> None:
    angle = torch.arange(360) * math.pi / 180
    circle = torch.stack([angle.cos(), angle.sin(), *torch.zeros(6, 360)], -1)
    assert float(code_spread(circle)[1]) == pytest.approx(2)
    resultant, participation = code_spread(circle[:1].expand(9, 8))
    assert float(resultant) == pytest.approx(1)
    assert participation.isnan()
