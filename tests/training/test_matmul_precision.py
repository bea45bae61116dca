"""Products in bfloat16 change a training by rounding, and keep its promises; where there are none, they are refused."""

import pytest
import torch

from acai_ray.common.errors import UserError
from acai_ray.common.products import products_in
from acai_ray.training.matmul_precision import refuse_without_bf16
from acai_ray.training.saved_state import named_tensors, plain_values, restored
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import train
from tests.helpers.training import differing, member_of, small, trained

CPU = torch.device("cpu")


def has_bf16() -> bool:
    try:
        refuse_without_bf16("bf16", CPU)
    except UserError:
        return False
    return True


needs_bf16 = pytest.mark.skipif(not has_bf16(), reason="this processor has no products in bfloat16")


@pytest.mark.parametrize("precision", ["highest", "high"])
def test_float32_is_never_refused(precision: str) -> None:
    refuse_without_bf16(precision, CPU)


def test_a_training_is_refused_where_products_stay_float32(pose_set, monkeypatch) -> None:
    monkeypatch.setattr(torch, "set_float32_matmul_precision", lambda precision: None)
    with pytest.raises(UserError, match=r"`matmul_precision: bf16` needs a processor .* leave the setting away"):
        trained(small(matmul_precision="bf16"), [0], pose_set)


@needs_bf16
class TestBfloat16:
    def test_products_are_off_by_the_rounding_of_their_factors(self) -> None:
        a, b = torch.rand(1, 64, 64), torch.rand(1, 64, 64)
        with products_in("bf16"):
            error = (torch.bmm(a, b) / torch.bmm(a.double(), b.double()) - 1).abs().max()
        assert 1e-5 < error < 2**-7  # a factor has eight bits
        assert torch.get_float32_matmul_precision() == "highest"

    def test_training_goes_another_way_but_learns_as_much(self, pose_set) -> None:
        exact, rounded = (trained(small(matmul_precision=name), [0], pose_set) for name in ("highest", "bf16"))
        assert differing(member_of(exact, 0), member_of(rounded, 0))
        errors = [state.history[0][-1]["loss_rec"] for state in (exact, rounded)]
        assert errors[1] == pytest.approx(errors[0], rel=0.1)

    def test_a_member_does_not_depend_on_the_others(self, pose_set) -> None:
        config = small(matmul_precision="bf16")
        pair, three = trained(config, [1, 2], pose_set), trained(config, [0, 1, 2], pose_set)
        assert differing(member_of(pair, 0), member_of(three, 1)) == []

    def test_a_training_that_goes_on_equals_the_uninterrupted_one(self, pose_set) -> None:
        config = small(matmul_precision="bf16")
        whole = trained(config, [1, 2], pose_set)
        begun = TrainState.start(config, [1, 2])
        next(train(pose_set, begun))
        resumed = restored(plain_values(begun), named_tensors(begun), CPU)
        assert not resumed.finished
        list(train(pose_set, resumed))
        for member in range(2):
            assert differing(member_of(resumed, member), member_of(whole, member)) == []
