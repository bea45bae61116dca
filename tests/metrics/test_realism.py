import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from acai_ray import poses
from acai_ray.metrics import realism_auc, realism_judge


@pytest.fixture(scope="module")
def people() -> torch.Tensor:
    """Poses of one distribution in random order."""
    everyone = poses.load("synthetic", views=1).poses
    return torch.from_numpy(everyone[np.random.default_rng(0).permutation(len(everyone))])


def test_one_set_against_itself_gives_exactly_half(people) -> None:
    judge = realism_judge(people[:300], people[:300])
    assert realism_auc(judge, people[300:500], people[300:500]) == 0.5


def test_where_the_root_lies_tells_nothing(people) -> None:
    judge = realism_judge(people[:300], people[:300] + 2.0**-10)
    assert float(realism_auc(judge, people[300:500], people[300:500] + 2.0**-10)) == pytest.approx(0.5, abs=0.05)


def test_two_samples_of_one_distribution_give_about_half(people) -> None:
    judge = realism_judge(people[:500], people[500:1000])
    assert float(realism_auc(judge, people[1000:1400], people[1400:1800])) == pytest.approx(0.5, abs=0.06)


def test_bodies_twice_as_large_give_nearly_1(people) -> None:
    judge = realism_judge(people[:300], 2 * people[300:600])
    assert realism_auc(judge, people[600:900], 2 * people[900:1200]) > 0.999


def test_bones_tell_what_hardly_any_coordinate_does() -> None:
    """One body and a larger one, turned in every direction: their coordinates overlap, their bones do not."""
    own = poses.load("synthetic", views=1)
    one = torch.from_numpy(own.poses[(own.index["subject"] == own.subjects()[0]).to_numpy()][:200])
    turned = one @ torch.linalg.qr(torch.randn(200, 3, 3, generator=torch.Generator().manual_seed(0)))[0]
    judge = realism_judge(turned[::2], 1.05 * turned[::2])
    assert realism_auc(judge, turned[1::2], 1.05 * turned[1::2]) > 0.999


def test_the_same_poses_give_the_same_judge_and_the_order_of_judged_ones_does_not_matter(people) -> None:
    real, generated = people[:200], people[200:400] * 1.02
    first, second = realism_judge(real, generated), realism_judge(real.numpy(), generated.numpy())
    assert torch.equal(first(people), second(people))
    assert realism_auc(first, people[400:600], people[600:800]) == realism_auc(
        first, people[400:600].flip(0), people[600:800].flip(0)
    )


def test_the_order_of_the_people_it_learns_from_does_not_matter(people) -> None:
    real, generated = people[:300], people[300:600] * 1.02
    rows = torch.from_numpy(np.random.default_rng(1).permutation(300))
    one, other = realism_judge(real, generated), realism_judge(real[rows], generated[rows])
    found = [float(realism_auc(judge, people[600:900], people[900:1200] * 1.02)) for judge in (one, other)]
    assert found[0] == pytest.approx(found[1], abs=0.01)  # sums of another order may move a split


def test_as_many_of_one_kind_as_of_the_other_are_learned_from(people) -> None:
    few, many = people[:100], 1.02 * people[100:400]
    assert torch.equal(realism_judge(few, many)(people), realism_judge(few, many[:100])(people))


THREADS = """
import torch
from acai_ray.metrics import realism_judge
from threadpoolctl import threadpool_info, threadpool_limits
poses = torch.randn(400, 17, 3, generator=torch.Generator().manual_seed(0))
judge = realism_judge(poses[:200], 1.1 * poses[200:])
import sklearn.ensemble._hist_gradient_boosting.gradient_boosting as gradient_boosting
used, wanted = [], gradient_boosting._openmp_effective_n_threads
gradient_boosting._openmp_effective_n_threads = lambda *given: used.append(wanted(*given)) or used[-1]
again = realism_judge(poses[:200], 1.1 * poses[200:])
print(set(used), torch.equal(judge(poses), again(poses)))
print({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"})
"""


def test_it_takes_one_thread_and_leaves_the_others_as_they_were() -> None:
    """Trials share a machine, and the pool that scikit-learn brings is not the one torch is limited in."""
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines() == ["{1} True", "{2}"]
