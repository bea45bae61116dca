"""A study's trials: twins, names, picks, confirmation, and reading them back from the tables."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acai_ray import store
from acai_ray.common.errors import UserError
from acai_ray.common.files import write_json
from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.confirmation import Pick, named
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.sweep.plan import Plan, vanilla
from acai_ray.sweep.space import Space, load_space
from acai_ray.trials.trial import Trial, from_runs
from acai_ray.trials.trial_end import MemberEnd, TrialEnd
from acai_ray.trials.trial_writer import run_rows


def searching(**fields: Any) -> Space:
    search = {"latent_dim": {"choice": [4, 8]}, "lambda": {"log_uniform": [1e-4, 1]}, "gamma": {"uniform": [0, 0.5]}}
    return Space.model_validate({"search": search, "seeds": 3, "confirm": {"seeds": 6}, **fields})


def searched(points: list[tuple[int, float]], space: Space | None = None) -> Plan:
    """A plan with a search trial for each (latent size, λ), and their twins."""
    plan = Plan(space or searching())
    for latent_dim, lam in points:
        trial = plan.add(Phase.SEARCH, plan.space.trial_config({"latent_dim": latent_dim, "lam": lam}), plan.seeds)
        plan.add_twin(trial)
    return plan


def values(reconstruction: float, excess: float = 1.0, coverage: float = 0.5) -> dict[str, float]:
    return {"reconstruction_mpjpe_mm": reconstruction, "path_bone_excess_mm": excess, "path_coverage": coverage}


class TestTwins:
    """Every setting other than λ and γ has one vanilla trial."""

    @given(
        st.lists(
            st.builds(
                dict,
                latent_dim=st.sampled_from([4, 8]),
                lam=st.sampled_from([0.0, 0.1, 1.0]),
                gamma=st.sampled_from([0.0, 0.05, 0.5]),
                lr=st.sampled_from([1e-3, 1e-2]),
            ),
            min_size=1,
            max_size=12,
            unique_by=lambda point: tuple(point.values()),
        )
    )
    @settings(max_examples=40)
    def test_one_for_each_distinct_setting(self, points) -> None:
        plan = Plan(Space.model_validate({"points": points}))
        plan.add_cells()
        planned = dict(plan.trials)
        plan.add_cells()
        assert plan.trials == planned  # planning again adds nothing
        assert len(plan.of_phase(Phase.GRID)) == len(points)
        needed = {vanilla(trial.config) for trial in plan.of_phase(Phase.GRID) if trial.arm == "acai"}
        given_already = {vanilla(trial.config) for trial in plan.of_phase(Phase.GRID) if trial.arm == "vanilla"}
        baselines = [trial.config for trial in plan.of_phase(Phase.BASELINE)]
        assert len(set(baselines)) == len(baselines)
        assert set(baselines) == needed - given_already
        for trial in plan.trials.values():
            twin = plan.twin(trial)
            assert twin.seeds == trial.seeds
            assert twin.arm == "vanilla"
            free = ("lam", "gamma")
            mine, others = trial.config.model_dump(exclude=set(free)), twin.config.model_dump(exclude=set(free))
            assert mine == others

    def test_table1_is_its_own_baseline(self) -> None:
        plan = Plan(load_space("table1"))
        plan.add_cells()
        assert list(plan.trials) == [f"g{number:05d}" for number in range(18)]
        assert plan.twin(plan.trials["g00003"]).trial_id == "g00000"
        assert plan.twin(plan.trials["g00017"]).trial_id == "g00009"

    def test_none_where_none_is_wanted(self) -> None:
        plan = searched([(4, 0.1)], searching(baseline=False, confirm=None))
        assert list(plan.trials) == ["s00000"]

    def test_other_seeds_are_no_twin(self) -> None:
        plan = searched([(4, 0.1)])
        confirmed = Trial("c00000", Phase.CONFIRM, plan.trials["s00000"].config, (10_000, 10_001))
        assert plan.twin(confirmed) is None

    def test_vanilla_changes_lambda_and_gamma_alone(self) -> None:
        config = TrialConfig(latent_dim=8, lam=0.3, gamma=0.4, lr=1e-4)
        assert vanilla(config) == TrialConfig(latent_dim=8, lr=1e-4)
        assert vanilla(vanilla(config)) == vanilla(config)

    def test_each_network_has_a_twin_of_its_own(self) -> None:
        space = Space(grid={"network": ["mlp", "graph"], "lam": [0.1, 0.2]}, seeds=2)
        plan = Plan(space)
        plan.add_cells()
        twins = {trial.config.network: plan.add_twin(trial) for trial in plan.of_phase(Phase.GRID)}
        assert {name: twin.config for name, twin in twins.items()} == {
            name: TrialConfig(network=name) for name in ("mlp", "graph")
        }
        assert len(plan.of_phase(Phase.BASELINE)) == 2


class TestNames:
    """A trial keeps its name, whatever is planned after it."""

    def test_they_count_within_their_phase(self) -> None:
        plan = searched([(4, 0.1), (8, 0.1), (4, 0.2)])
        assert [trial.trial_id for trial in plan.of_phase(Phase.SEARCH)] == ["s00000", "s00001", "s00002"]
        assert [trial.trial_id for trial in plan.of_phase(Phase.BASELINE)] == ["b00000", "b00001"]
        assert plan.trials["s00002"].run_id(7) == "s00002-7"

    def test_a_resumed_plan_goes_on_counting(self) -> None:
        plan = searched([(4, 0.1), (8, 0.1)])
        resumed = Plan(plan.space, {name: plan.trials[name] for name in ("s00001", "b00000", "b00001")})
        trial = resumed.add(Phase.SEARCH, plan.trials["s00000"].config, plan.seeds, 0)
        assert trial == plan.trials["s00000"]
        assert resumed.add(Phase.SEARCH, plan.space.trial_config({"lam": 0.5}), plan.seeds).trial_id == "s00002"
        assert resumed.add_twin(trial).trial_id == plan.twin(trial).trial_id

    def test_a_trial_travels_as_plain_data(self) -> None:
        trial = searched([(4, 0.1)]).trials["s00000"]
        assert Trial.of_config(trial.as_config()) == trial
        assert trial.member_epochs == 3 * trial.config.epochs


class TestConfirmation:
    """What `test_picks` says of one latent size is planned at each, with its twin, on fresh seeds."""

    def test_each_latent_size_has_its_picks(self) -> None:
        plan = searched([(4, 0.1), (8, 0.1), (8, 0.2)])
        known = {
            "b00000": values(50),
            "b00001": values(40),
            "s00000": values(54, excess=0.5),
            "s00001": values(40.9, excess=0.8, coverage=0.4),
            "s00002": values(43, excess=0.2),
        }
        assert plan.picks(known) == {
            "s00000": (Pick.BALANCED, Pick.STRONG),
            "s00001": (Pick.FREE,),
            "s00002": (Pick.BALANCED, Pick.STRONG),
        }

    def test_each_trial_is_compared_with_its_own_twin(self) -> None:
        plan = Plan(searching(search={"lambda": {"log_uniform": [1e-4, 1]}, "lr": {"choice": [0.01, 0.001]}}))
        for lr in (0.01, 0.001):
            plan.add_twin(plan.add(Phase.SEARCH, plan.space.trial_config({"lam": 0.1, "lr": lr}), plan.seeds))
        known = {"b00000": values(50), "s00000": values(49, excess=0.9)}
        known |= {"b00001": values(30, excess=0.2), "s00001": values(31, excess=0.15)}
        free_and_balanced = plan.picks(known)["s00000"]  # a gain of 0.1 beside one of 0.05
        assert free_and_balanced == (Pick.FREE, Pick.BALANCED)

    def test_unfinished_trials_and_those_without_a_finished_twin_are_left_out(self) -> None:
        plan = searched([(4, 0.1), (8, 0.1), (4, 0.2)])
        assert plan.picks({"s00000": values(1), "s00001": values(1)}) == {}
        assert plan.picks({}) == {}
        assert list(plan.picks({"b00001": values(1), "s00001": values(1)})) == ["s00001"]

    def test_vanilla_trials_are_never_picked(self) -> None:
        space = searching(search={"lambda": {"choice": [0, 0.1]}})
        plan = Plan(space)
        for lam in (0, 0.1):
            plan.add(Phase.SEARCH, space.trial_config({"lam": lam}), plan.seeds)
        assert list(plan.picks({"s00000": values(50, excess=0, coverage=1), "s00001": values(50)})) == ["s00001"]

    def test_without_twins_there_is_a_strong_pick(self) -> None:
        plan = searched([(4, 0.1), (4, 0.2)], searching(baseline=False, confirm={"picks": ["strong"]}))
        known = {"s00000": values(50, excess=2), "s00001": values(90, excess=1)}
        assert plan.picks(known) == {"s00001": (Pick.STRONG,)}

    def test_it_runs_picks_and_twins_on_fresh_seeds(self) -> None:
        plan = searched([(4, 0.1), (8, 0.2)], searching(seeds=20))
        known = {name: values(50) for name in plan.trials}
        planned = plan.add_confirmation(known)
        assert [trial.trial_id for trial in planned] == ["c00000", "c00001", "c00002", "c00003"]
        for picked, twin in (planned[:2], planned[2:]):
            assert (picked.arm, twin.arm) == ("acai", "vanilla")
            assert named(picked.pick)
            assert twin.pick == ""
            assert picked.seeds == twin.seeds
            assert len(picked.seeds) == 6
            assert plan.twin(picked) == twin
            assert not set(picked.seeds) & set(plan.seeds)
        assert plan.add_confirmation(known) == planned
        assert len(plan.of_phase(Phase.CONFIRM)) == 4

    def test_two_picks_of_one_latent_size_share_their_twin(self) -> None:
        plan = searched([(4, 0.1), (4, 0.2)])
        known = {"b00000": values(50), "s00000": values(50.5, excess=0.8), "s00001": values(54, excess=0.1)}
        planned = plan.add_confirmation(known)
        assert [(trial.arm, trial.pick) for trial in planned] == [
            ("acai", "free+balanced"),
            ("vanilla", ""),
            ("acai", "strong"),
        ]

    def test_without_confirm_nothing_is_confirmed(self) -> None:
        plan = searched([(4, 0.1)], searching(confirm=None))
        assert plan.add_confirmation({name: values(50) for name in plan.trials}) == []


class TestFromRuns:
    """What the tables say is what was planned."""

    TRIALS = (
        Trial("s00000", Phase.SEARCH, TrialConfig(latent_dim=4, lam=1.0 / 3, gamma=0.123456789012345), (0, 1, 2)),
        Trial("s00001", Phase.SEARCH, TrialConfig(critic_lr=3e-4, lam=1e-4, critic_norm="none", epochs=7), (0, 1, 2)),
        Trial("b00000", Phase.BASELINE, TrialConfig(critic=False, norm="none", optimizer="radam"), (5, 3)),
        Trial(
            "c00000",
            Phase.CONFIRM,
            TrialConfig(schedule="cosine", dropout=0.1, weight_decay=1e-7),
            (10_000, 10_001),
            pick="free+strong",
        ),
        Trial("c00001", Phase.CONFIRM, TrialConfig(network="residual"), (10_000, 10_001)),
    )

    def rows(self, *trials: Trial) -> list[dict[str, Any]]:
        return [row for t in trials for row in run_rows(t, TrialEnd([MemberEnd(RunStatus.DONE, "", 5)] * len(t.seeds)))]

    @pytest.mark.parametrize("chosen", [TRIALS, TRIALS[:1], TRIALS[1:2], TRIALS[2:]], ids=len)
    def test_trials_come_back_exactly_from_their_rows(self, chosen) -> None:
        back = {trial.trial_id: trial for trial in from_runs(pd.DataFrame(self.rows(*chosen)))}
        assert back == {trial.trial_id: trial for trial in chosen}

    def test_and_from_the_store(self, tmp_path) -> None:
        write_json(tmp_path / "study.json", {})
        for trial in self.TRIALS:
            store.write(tmp_path, "runs", trial.trial_id, self.rows(trial))
        back = {trial.trial_id: trial for trial in from_runs(store.load(tmp_path).runs)}
        assert back == {trial.trial_id: trial for trial in self.TRIALS}
        for trial in back.values():
            assert Trial.of_config(trial.as_config()) == trial

    @given(
        lam=st.floats(0, 10),
        gamma=st.floats(0, 1),
        lr=st.floats(1e-6, 1),
        critic_lr=st.none() | st.floats(1e-6, 1),
    )
    @settings(max_examples=25)
    def test_to_the_last_bit(self, lam, gamma, lr, critic_lr) -> None:
        config = TrialConfig(lam=lam, gamma=gamma, lr=lr, critic_lr=critic_lr)
        trial = Trial("e00000", Phase.SINGLE, config, (0,))
        assert list(from_runs(pd.DataFrame(self.rows(trial)))) == [trial]

    def test_an_unknown_pick_is_refused(self) -> None:
        rows = pd.DataFrame(self.rows(self.TRIALS[3])).assign(pick="free+cheap")
        with pytest.raises(UserError, match=r"the pick of a trial must be one .* c00000 has 'free\+cheap'"):
            list(from_runs(rows))

    def test_no_rows_no_trials(self) -> None:
        assert list(from_runs(store.SCHEMAS["runs"].empty_table().to_pandas())) == []
