"""A search starts evenly: each latent size in turn, and λ spread over its logarithm from the low end on."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acai_ray.common.settings import parse
from acai_ray.sweep.dimension import Dimension
from acai_ray.sweep.space import Space, load_space
from acai_ray.sweep.start import dealt, start_point, start_trials


def space_of(search: dict[str, Any], **fields: Any) -> Space:
    return parse(Space, {"search": search, **fields}, "space")


WIDE = {
    "latent_dim": {"choice": [4, 8, 16, 32]},
    "lambda": {"log_uniform": [1e-5, 1.0]},
    "gamma": {"uniform": [0.0, 0.5]},
}


def test_wide_starts_with_a_third_of_its_trials() -> None:
    assert start_trials(load_space("wide")) == 20


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_lambda_is_even_on_its_logarithm_at_each_latent_size(count: int) -> None:
    space = space_of(WIDE)
    points = [start_point(space, number, "acai") for number in range(4 * count)]
    for latent_dim in (4, 8, 16, 32):
        lams = [point["lam"] for point in points if point["latent_dim"] == latent_dim]
        expected = [-5 + 5 * place / count for place in range(count)]
        assert sorted(map(math.log10, lams)) == pytest.approx(expected)
        assert lams[0] == 1e-5


def test_every_latent_size_gets_its_share_of_the_whole_search() -> None:
    space = space_of(WIDE)
    sizes = [dealt(space, number)["latent_dim"] for number in range(64)]
    assert {size: sizes.count(size) for size in sizes} == {4: 16, 8: 16, 16: 16, 32: 16}


def test_the_other_settings_depend_on_the_seed_and_lambda_does_not() -> None:
    one, other = (start_point(space_of(WIDE, seed=seed), 5, "acai") for seed in (0, 1))
    assert one["lam"] == other["lam"]
    assert one["gamma"] != other["gamma"]
    assert start_point(space_of(WIDE), 5, "acai") == one


@pytest.mark.parametrize(
    "search",
    [
        {"lambda": {"log_uniform": [1e-5, 1.0]}},
        {"latent_dim": {"choice": [4, 8]}},
        {"latent_dim": {"int_uniform": [4, 64]}, "gamma": {"uniform": [0.0, 0.5]}},
        {"lr": {"log_uniform": [1e-4, 1e-2]}, "norm": {"choice": ["batch", "none"]}, "depth": {"int_uniform": [1, 3]}},
    ],
)
def test_any_space_has_a_start(search: dict[str, Any]) -> None:
    space = space_of(search)
    points = [start_point(space, number, "acai") for number in range(start_trials(space))]
    assert all(set(point) == set(space.search) for point in points)
    for point in points:
        space.trial_config(point)
    for name, dimension in space.search.items():
        if dimension.values is not None and len(dimension.values) < 4:
            assert {point[name] for point in points} == set(dimension.values)


def test_an_integer_range_of_latent_sizes_is_spread() -> None:
    space = space_of({"latent_dim": {"int_uniform": [4, 63]}})
    sizes = sorted(start_point(space, number, "acai")["latent_dim"] for number in range(8))
    assert all(4 <= after - before <= 11 for before, after in itertools.pairwise(sizes))


@given(st.floats(0, 1, exclude_max=True))
def test_a_place_of_a_range_lies_in_it(place: float) -> None:
    assert 1e-5 <= Dimension(log_uniform=(1e-5, 0.3)).at(place) <= 0.3
    assert -1.0 <= Dimension(uniform=(-1.0, 0.3)).at(place) <= 0.3
    assert Dimension(int_uniform=(2, 9)).at(place) in range(2, 10)
    assert Dimension(choice=["a", "b"]).at(place) == ("a" if place < 0.5 else "b")


def test_the_ends_of_a_logarithmic_range() -> None:
    dimension = Dimension(log_uniform=(1e-4, 1.0))
    assert dimension.at(0.0) == 1e-4
    assert dimension.at(0.5) == pytest.approx(1e-2)
