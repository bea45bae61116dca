import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from acai_ray.metrics import auc

SCORES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=20)


@given(SCORES, SCORES)
def test_it_is_the_share_of_pairs_in_order_with_ties_counted_half(
    positives: list[float], negatives: list[float]
) -> None:
    pairs = [(p > n) + (p == n) / 2 for p in positives for n in negatives]
    assert float(auc(positives, negatives)) == pytest.approx(sum(pairs) / len(pairs))


@given(SCORES, SCORES)
def test_exchanged_samples_give_the_rest_of_1(positives: list[float], negatives: list[float]) -> None:
    assert float(auc(positives, negatives) + auc(negatives, positives)) == pytest.approx(1)


def test_order_does_not_matter() -> None:
    scores = torch.randn(2, 50, generator=torch.Generator().manual_seed(0))
    assert auc(*scores) == auc(*scores.flip(1))
