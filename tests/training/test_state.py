"""A state: what it starts from, what each method changes, and that nobody else changes it."""

import ast
import math
from dataclasses import fields
from pathlib import Path

import pytest
import torch

import acai_ray
from acai_ray.training.regularizers import Networks
from acai_ray.training.state import TrainState, copy_of
from tests.helpers.training import differing, member_of, small, trained

ROOT = Path(acai_ray.__file__).parent
OWNER = ROOT / "training" / "state.py"
FIELDS = {field.name for field in fields(TrainState)}


def test_initial_weights_depend_on_the_seed_alone() -> None:
    start = TrainState.start(small(), [0, 1])
    other = TrainState.start(small(lam=0.9, gamma=0.7, dropout=0.5, optimizer="sgd", lr=1), [1, 0, 4])
    assert differing(member_of(start, 0), member_of(other, 1)) == []
    assert differing(member_of(start, 1), member_of(other, 0)) == []
    weights = [name for name in member_of(start, 0) if "linears" in name]
    assert set(differing(member_of(start, 0), member_of(start, 1))) == set(weights)


def test_the_autoencoder_starts_alike_without_a_critic() -> None:
    start, plain = TrainState.start(small(), [5]), TrainState.start(small(lam=0, critic=False), [5])
    assert differing(member_of(start, 0, "autoencoder."), member_of(plain, 0)) == []


def test_it_begins_with_given_weights_in_every_member(pose_set) -> None:
    """Best weights too: a trial that never improves on them ends with them."""
    given = trained(small(), [5], pose_set).networks.state_dict()
    state = TrainState.start(small(), [0, 1])
    state.begin_with(given)
    for member in range(2):
        assert differing(member_of(state, member), {name: value[0] for name, value in given.items()}) == []
    assert differing(state.best, copy_of(state.networks)) == []


def test_other_settings_hold_from_the_next_epoch_on() -> None:
    state = TrainState.start(small(weight_decay=0.0, lr=0.1), [0])
    state.change_settings(small(weight_decay=0.3, lr=0.2, critic_lr=0.4))
    state.begin_epoch()
    assert [group["weight_decay"] for group in state.optimizer.param_groups] == [0.3, 0.3]
    assert state.learning_rates == [0.2, 0.4]


class TestEndOfAnEpoch:
    """Counting, diverging and the best weights; each number is told, none is trained."""

    @pytest.fixture
    def state(self) -> TrainState:
        return TrainState.start(small(epochs=9), [0, 1])

    def ended(self, state: TrainState, errors: list[float], finite: tuple[bool, ...] = (True, True)) -> Networks:
        """The networks after an epoch that adds 1 to every weight."""
        before = state.begin_epoch()
        for value in state.networks.state_dict().values():
            value.add_(1)
        state.end_epoch(before, finite, errors)
        return state.networks

    def best(self, state: TrainState) -> list[dict[str, torch.Tensor]]:
        return [{name: value[member] for name, value in state.best.items()} for member in range(2)]

    def test_a_lower_error_takes_the_place_and_an_equal_one_does_not(self, state) -> None:
        self.ended(state, [3.0, 3.0])
        first = copy_of(state.networks)
        self.ended(state, [3.0, 2.0])
        assert state.best_valid_mm == [3.0, 2.0]
        best = self.best(state)
        assert differing(best[0], {name: value[0] for name, value in first.items()}) == []
        assert differing(best[1], member_of(state, 1)) == []

    def test_without_validation_the_newest_are_the_best(self, state) -> None:
        for _ in range(2):
            self.ended(state, [math.nan, math.nan])
            assert differing(state.best, copy_of(state.networks)) == []
        assert all(map(math.isnan, state.best_valid_mm))

    def test_an_error_takes_the_place_of_none(self, state) -> None:
        self.ended(state, [math.nan, math.nan])
        self.ended(state, [7.0, 7.0])
        assert state.best_valid_mm == [7.0, 7.0]

    def test_who_diverged_keeps_its_weights_and_is_counted_no_more(self, state) -> None:
        self.ended(state, [3.0, 3.0])
        good = {name: value.clone() for name, value in member_of(state, 1).items()}
        self.ended(state, [2.0, 2.0], finite=(True, False))
        self.ended(state, [1.0, 1.0])
        assert state.epoch == 3
        assert state.member_epochs == [3, 1]
        assert state.members_left == [0]
        assert state.diverged == ["", "a loss, a weight or the validation error is not finite in epoch 2"]
        assert state.best_valid_mm == [1.0, 3.0]
        assert differing(member_of(state, 1), good) == []
        assert not state.finished


# Who changes it

IN_PLACE = ("append", "extend", "insert", "update", "pop", "clear", "setdefault", "copy_")


def outermost(node: ast.expr) -> tuple[str, list[str]]:
    """The name an expression begins with and the attributes after it: `state`, `["best"]` of `state.best[name][0]`."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            attributes.insert(0, node.attr)
        node = node.value
    return (node.id if isinstance(node, ast.Name) else ""), attributes


def changed(node: ast.AST) -> list[ast.expr]:
    """What a statement or call assigns to, deletes or changes in place."""
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return [part for target in targets for part in getattr(target, "elts", [target])]
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target) | ast.For(target=target):
            return [target]
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[owner, *_]):
            return [ast.Attribute(owner, "epoch")]  # whichever attribute it is
        case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in IN_PLACE:
            return [owner]
    return []


def changes(source: str) -> list[str]:
    """Where a program changes what may be a state: an attribute of such a name, of anything but `self`."""
    places = [outermost(expression) for node in ast.walk(ast.parse(source)) for expression in changed(node)]
    return [f"{name}.{'.'.join(names)}" for name, names in places if name != "self" and FIELDS & set(names)]


@pytest.mark.parametrize("path", sorted(set(ROOT.rglob("*.py")) - {OWNER}), ids=lambda path: path.stem)
def test_only_its_module_assigns_to_a_state(path: Path) -> None:
    assert changes(path.read_text(encoding="utf-8")) == [], "call a method of TrainState"


@pytest.mark.parametrize(
    "line",
    [
        "state.epoch = 3",
        "state.wall_s += 1.0",
        "of.state.mode: str = 'eager'",
        "state.best[name][member] = value",
        "state.diverged[0], other = reason, None",
        "del state.history[0]",
        "setattr(state, name, value)",
        "state.history[member].append(row)",
        "for state.epoch in range(3): pass",
    ],
)
def test_an_assignment_is_noticed(line: str) -> None:
    assert len(changes(line)) == 1


def test_an_object_may_assign_to_itself_and_to_local_names() -> None:
    assert changes("self.config = config; epoch = 3; rows[name] = 1; row['epoch'] = 2; rows.append(state.epoch)") == []
