"""What a trial tells the driver survives its way through Tune, which keeps none of the rows."""

import pickle

from ray.tune.utils.util import flatten_dict

from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.sweep.reports import Report, kept, pack, take
from acai_ray.trials.run_trial import EpochEnd
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import MemberEnd, TrialEnd

ROWS = [{"run_id": "s00000-0", "epoch": 3, "loss_rec": 0.5}]
END = TrialEnd([MemberEnd(RunStatus.DONE, "", 3)], tables={"history": ROWS, "metrics": ROWS})
OBJECTIVES = {"path_coverage": 0.5, "reconstruction_mpjpe_mm": 40.0}


def test_the_driver_gets_what_the_trial_told_and_tune_keeps_no_rows() -> None:
    told = Report.of_epoch(EpochEnd(3, ROWS, END, OBJECTIVES, "a note"))
    result = pickle.loads(pickle.dumps(pack(told)))
    assert result["done"]
    assert take(result) == told
    last = kept(flatten_dict(result))  # as Tune hands it to the searcher
    assert (last.all_done, last.objectives, last.note) == (True, OBJECTIVES, "a note")
    assert (last.history, last.end) == ([], None)
    assert "loss_rec" not in repr(result)


def test_a_trial_goes_on_until_it_tells_an_end_or_a_stop() -> None:
    trial = Trial("s00000", Phase.SEARCH, TrialConfig(), (0, 1))
    assert not pack(Report.of_epoch(EpochEnd(1, ROWS)))["done"]
    assert pack(Report(stop="no storage"))["done"]
    assert pack(Report(end=TrialEnd.failed(trial, "no number")))["done"]


def test_a_diverged_seed_makes_a_trial_that_is_not_all_done() -> None:
    end = TrialEnd([MemberEnd(RunStatus.DONE, "", 3), MemberEnd(RunStatus.DIVERGED, "NaN", 1)])
    assert not Report.of_epoch(EpochEnd(3, ROWS, end)).all_done


def test_a_trial_that_never_reported_has_no_objectives() -> None:
    assert kept(None) == kept({}) == Report()
    assert not kept(None).all_done
