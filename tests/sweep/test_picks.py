"""The three picks of one latent size: their rules, on examples and on whatever a search may bring."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acai_ray.protocol.confirmation import Pick, joined, named
from acai_ray.sweep.picks import Candidate, balanced, free, pick, strong

RECONSTRUCTION, BONES, COVERAGE = "reconstruction_mpjpe_mm", "path_bone_excess_mm", "path_coverage"
OBJECTIVES = {RECONSTRUCTION: "min", BONES: "min", COVERAGE: "max"}
TWIN = {RECONSTRUCTION: 50.0, BONES: 8.0, COVERAGE: 0.5}


def candidate(name: str, cost: float, gain: float, coverage: float = 0.5) -> Candidate:
    """A candidate beside `TWIN`; costs and gains of whole eighths are exact."""
    return Candidate(name, {RECONSTRUCTION: 50.0 + cost, BONES: 8.0 - gain, COVERAGE: coverage}, TWIN)


def of(*trades: tuple[float, float]) -> list[Candidate]:
    return [candidate(f"s{number:05d}", *trade) for number, trade in enumerate(trades)]


def name_of(found: Candidate | None) -> str | None:
    return found.name if found else None


eighths = st.integers(-64, 64).map(lambda n: n / 8)
some = st.lists(st.tuples(eighths, eighths, st.integers(0, 4).map(float)), max_size=8).map(
    lambda found: [candidate(f"s{number:05d}", *values) for number, values in enumerate(found)]
)


class TestFree:
    """The largest gain in bones that costs no more than reconstruction's margin of 1 mm."""

    @pytest.mark.parametrize(("cost", "picked"), [(-3.0, "s00001"), (1.0, "s00001"), (1.125, "s00000")])
    def test_the_margin_is_one_sided(self, cost: float, picked: str) -> None:
        assert name_of(free(of((0.5, 1.0), (cost, 2.0)))) == picked

    def test_of_equal_gains_the_cheapest_and_then_the_first(self) -> None:
        assert name_of(free(of((0.5, 1.0), (0.25, 1.0), (0.25, 1.0)))) == "s00001"

    def test_it_may_gain_nothing(self) -> None:
        assert name_of(free(of((0.5, -2.0), (0.25, -1.0)))) == "s00001"

    def test_none_where_all_cost_more(self) -> None:
        assert free(of((2.0, 5.0))) is None


class TestBalanced:
    """The knee: the farthest above the line between the front's ends, the twin at (0, 0) among them."""

    def test_the_knee_of_a_front(self) -> None:
        assert name_of(balanced(of((0.25, 0.5), (1.0, 4.0), (2.0, 5.0), (4.0, 6.0)))) == "s00001"

    def test_the_axes_have_the_fronts_extent(self) -> None:
        """(1, 1) of (4, 2): a quarter of the cost for half of the gain, while (2, 1.25) is a half for five eighths."""
        assert name_of(balanced(of((1.0, 1.0), (2.0, 1.25), (4.0, 2.0)))) == "s00000"

    def test_collapsed_trials_do_not_move_it(self) -> None:
        front = of((1.0, 1.0), (2.0, 1.25), (4.0, 2.0))
        assert balanced([*front, candidate("s00009", 40.0, 8.0)]) == balanced(front)

    def test_one_trial_beside_the_twin_is_the_knee(self) -> None:
        assert name_of(balanced(of((2.0, 1.0)))) == "s00000"

    def test_one_that_beats_the_twin_and_all_others_is_the_knee(self) -> None:
        assert name_of(balanced(of((0.0, -1.0), (-1.0, 1.0), (1.0, 0.5)))) == "s00001"

    def test_of_two_that_beat_the_twin_the_one_that_costs_less(self) -> None:
        assert name_of(balanced(of((0.0, 2.0), (-1.0, 1.0)))) == "s00001"

    def test_below_the_line_there_is_no_knee_and_an_end_is_taken(self) -> None:
        assert name_of(balanced(of((2.0, 0.5), (4.0, 4.0)))) == "s00001"

    def test_none_where_vanilla_is_better_in_both(self) -> None:
        assert balanced(of((1.0, -1.0), (2.0, 0.0))) is None

    def test_none_beyond_the_allowance(self) -> None:
        assert name_of(balanced(of((5.0, 2.0)))) == "s00000"
        assert balanced(of((5.125, 2.0))) is None

    @given(some)
    def test_no_candidate_or_twin_beats_it(self, candidates: list[Candidate]) -> None:
        found = balanced(candidates)
        if found is None:
            return
        cost, gain = found.trade
        for other_cost, other_gain in [(0.0, 0.0), *(other.trade for other in candidates)]:
            assert not (other_cost <= cost and other_gain >= gain and (other_cost, other_gain) != (cost, gain))

    @given(some, st.sampled_from([0.25, 0.5, 2.0, 4.0]))
    def test_the_unit_of_bones_does_not_matter(self, candidates: list[Candidate], factor: float) -> None:
        scaled = [candidate(one.name, one.trade[0], one.trade[1] * factor) for one in candidates]
        assert name_of(balanced(scaled)) == name_of(balanced(candidates))


class TestStrong:
    """The best mean rank among those within 1.10 × the twin's reconstruction."""

    def test_the_best_mean_rank(self) -> None:
        ranked = [candidate("s00000", 0, 3, 0.5), candidate("s00001", -10, 2, 0.4), candidate("s00002", 0, 1, 0.9)]
        assert name_of(strong(ranked, OBJECTIVES)) == "s00000"  # ranks 1 and 2, 2 and 3, 3 and 1

    @pytest.mark.parametrize(("cost", "picked"), [(4.875, "s00000"), (5.0, "s00000"), (5.125, "s00001")])
    def test_reconstruction_may_be_a_tenth_worse_than_the_twins(self, cost: float, picked: str) -> None:
        assert name_of(strong(of((cost, 2.0), (0.0, 1.0)), OBJECTIVES)) == picked

    def test_reconstruction_itself_does_not_rank(self) -> None:
        assert name_of(strong(of((-30.0, 1.0), (4.0, 2.0)), OBJECTIVES)) == "s00001"

    def test_unless_it_is_all_there_is(self) -> None:
        assert name_of(strong(of((-30.0, 1.0), (4.0, 2.0)), {RECONSTRUCTION: "min"})) == "s00000"

    def test_it_has_a_limit_where_reconstruction_is_no_objective(self) -> None:
        assert name_of(strong(of((6.0, 2.0), (0.0, 1.0)), {BONES: "min"})) == "s00001"


class TestPick:
    """Equal picks are one trial with several names."""

    def test_equal_picks_are_one(self) -> None:
        assert pick(of((0.5, 2.0)), list(Pick), OBJECTIVES) == {"s00000": tuple(Pick)}

    def test_three_picks_are_three(self) -> None:
        found = pick(of((0.5, 1.0), (2.0, 4.0), (5.0, 5.0)), list(Pick), OBJECTIVES)
        assert found == {"s00000": (Pick.FREE,), "s00001": (Pick.BALANCED,), "s00002": (Pick.STRONG,)}

    def test_only_what_is_wanted(self) -> None:
        assert pick(of((0.5, 2.0)), [Pick.STRONG], OBJECTIVES) == {"s00000": (Pick.STRONG,)}
        assert pick([], list(Pick), OBJECTIVES) == {}

    @given(some, st.randoms(use_true_random=False))
    def test_the_order_of_the_candidates_does_not_matter(self, candidates, random) -> None:
        shuffled = candidates.copy()
        random.shuffle(shuffled)
        assert pick(shuffled, list(Pick), OBJECTIVES) == pick(candidates, list(Pick), OBJECTIVES)

    @given(some)
    def test_each_pick_is_one_trial_and_keeps_its_promise(self, candidates: list[Candidate]) -> None:
        found = pick(candidates, list(Pick), OBJECTIVES)
        by_name = {one.name: one for one in candidates}
        names = [name for picks in found.values() for name in picks]
        assert len(set(names)) == len(names)
        for name, picks in found.items():
            if Pick.FREE in picks:
                assert by_name[name].trade[0] <= 1.0
                assert by_name[name].trade[1] == max(one.trade[1] for one in candidates if one.trade[0] <= 1.0)
            if Pick.FREE not in picks:
                assert by_name[name].allowed

    def test_its_names_are_a_text(self) -> None:
        assert joined((Pick.FREE, Pick.STRONG)) == "free+strong"
        assert named("free+strong") == (Pick.FREE, Pick.STRONG)
        assert named(joined(())) == ()
        with pytest.raises(ValueError, match="cheap"):
            named("free+cheap")


def test_one_huge_or_tiny_front_has_a_knee() -> None:
    tiny = math.ulp(50.0)
    one = Candidate("s00000", {RECONSTRUCTION: 50.0 + tiny, BONES: 7.0, COVERAGE: 0.5}, TWIN)
    assert balanced([one]) == one
