"""How often verdicts err and what they find, in simulated studies: `python -m benchmarks.verdicts --studies 2000`.

First null studies, whose effects are zero on average over all people: the share of studies with any false verdict, at
most 5 % within the simulation's own error. Then effects of one, two and three margins: the share of tests that are
called by their right name. Beside each stands what the same number of pairs of runs gives without folds: six people who
are always the same, judged over seeds. All noise is in margins; every study has four cells and four metrics, 16 tests.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from acai_ray.protocol.simulation import Rates, Scenario, simulate

FOLDS = (3,) * 12
UNEQUAL = (10, *(2,) * 4, *(1,) * 7)

NOISE = {
    "person 2, run 0.4, fold 0.2": {"person": 2, "run": 0.4, "fold": 0.2},
    "person 1, run 0.4, fold 0.5": {"person": 1, "run": 0.4, "fold": 0.5},
    "person 1, run 0.4, fold 1": {"person": 1, "run": 0.4, "fold": 1},
    "person 2, fold 0.5, heavy tails (t3)": {"person": 2, "run": 0.4, "fold": 0.5, "tails": "t3"},
    "person 2, run 1, fold 0.5, rest 1.5": {"person": 2, "run": 1, "fold": 0.5, "rest": 1.5},
    "the same, cells alike (0.95 of the variance)": {"person": 2, "run": 1, "fold": 0.5, "rest": 1.5, "shared": 0.95},
}
DESIGNS = {
    "36 people, 12 folds × 1 seed": (FOLDS, 1),
    "30 people, 6 folds × 2 seeds": ((5,) * 6, 2),
    "25 people, 12 unequal folds × 1 seed": (UNEQUAL, 1),
}
EFFECTS = (1.0, 1.5, 2.0, 3.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2000, metavar="N", help="of each kind (default: 2000)")
    parser.add_argument("--processes", type=int, default=1, metavar="N")
    options = parser.parse_args()
    rows = [(noise, design) for noise in NOISE for design in DESIGNS]
    scenarios = [Scenario(people=DESIGNS[d][0], seeds=DESIGNS[d][1], **NOISE[n]) for n, d in rows]  # type: ignore[arg-type]
    with ProcessPoolExecutor(options.processes) as pool:
        counts = [options.studies] * len(scenarios)
        nulls = pool.map(simulate, scenarios, counts)
        alone = pool.map(_without_folds, scenarios, [max(100, options.studies // 10)] * len(scenarios))
        print(f"{options.studies} studies each; error of a share of 5 %: ±{_share(simulate_error(options.studies))}\n")
        print("| noise | design | any false verdict | six people, the same runs as seeds | power at 1 / 1.5 / 2 / 3 |")
        print("|---|---|---|---|---|")
        for (noise, design), scenario, null, by_seeds in zip(rows, scenarios, nulls, alone, strict=True):
            effects = [replace(scenario, effect=effect) for effect in EFFECTS]
            found = pool.map(simulate, effects, [max(100, options.studies // 10)] * len(effects))
            power = " / ".join(f"{100 * rates.found:.0f}" for rates in found)
            print(f"| {noise} | {design} | {_share(null.false)} | {_share(by_seeds.false)} | {power} % |", flush=True)


def simulate_error(studies: int) -> float:
    """The standard error of a share that is as large as is promised."""
    return Rates(0.0, 0.0, studies).error


def _without_folds(scenario: Scenario, studies: int) -> Rates:
    pairs = len(scenario.people) * scenario.seeds
    return simulate(replace(scenario, people=(6,), seeds=pairs), studies, by_seeds=True)


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


if __name__ == "__main__":
    main()
