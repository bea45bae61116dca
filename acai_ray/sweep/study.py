"""A study from its search space to its finished tables: a Tune run over whatever the store lacks."""

import difflib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from acai_ray.common.command_line import doing
from acai_ray.common.errors import UserError
from acai_ray.evaluation import metric_names
from acai_ray.evaluation.rung_sample import sample_of, smaller
from acai_ray.evaluation.yardstick import refuse_small_splits
from acai_ray.poses import PoseSet
from acai_ray.poses.description import describe
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY
from acai_ray.protocol.statuses import RunStatus, StudyStatus
from acai_ray.store import Results, Session, load, read_study
from acai_ray.store.results import SMALL
from acai_ray.store.study_file import NAME as STUDY_FILE
from acai_ray.sweep.counting import typical_config
from acai_ray.sweep.folding import divided
from acai_ray.sweep.live_history import LiveHistory
from acai_ray.sweep.meaning import as_begun
from acai_ray.sweep.optuna_db import write_history
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.planner import Objectives, Planner
from acai_ray.sweep.ray_cluster import Options, cluster
from acai_ray.sweep.rungs import Rungs
from acai_ray.sweep.sampler import describe_sampler
from acai_ray.sweep.space import DEFAULT_OBJECTIVES, Space
from acai_ray.sweep.storage import below
from acai_ray.sweep.trackers.opening import opened
from acai_ray.sweep.trackers.tracking import Tracking
from acai_ray.sweep.tune_run import run_trials
from acai_ray.sweep.writing_callback import WritingCallback
from acai_ray.training import compiled
from acai_ray.training.checkpoint import Place
from acai_ray.training.compiled import Wanted
from acai_ray.training.regularizers import described
from acai_ray.trials.measured_data import MeasuredData
from acai_ray.trials.plugins import shipped
from acai_ray.trials.trial import from_runs
from acai_ray.trials.trial_writer import TrialWriter


@dataclass(frozen=True)
class Outcome:
    """How a session of a study ended.

    Attributes:
        trials: trials that have begun, in this session or before.
        unfinished: trials that are still to be run or to be ended.
        bad_runs: runs that failed or diverged.
        out_of_time: whether the time budget ended the search.
        unconfirmed: whether a confirmation was wanted and nothing was good enough for it.
        tried_all: whether the search ended before its number of trials, because it had tried all its settings.
        picked_after: how many trials the search had when its picks were made, where it could have had more; else none.
        uncompiled: trials whose steps should have been compiled and could not be.
        stopped: trials that a rung of the search ended.
    """

    trials: int
    unfinished: int
    bad_runs: int
    out_of_time: bool
    unconfirmed: bool
    tried_all: bool
    picked_after: int | None
    uncompiled: int
    stopped: int = 0


def run(space: Space, poses: PoseSet, options: Options) -> Outcome:
    """Run a study, or what is left of it.

    Args:
        space: the resolved search space.
        poses: the data.
        options: where and on what.

    Raises:
        UserError: another space, trial or data already has this study's name; resources or storage do not suffice.
    """
    space, data = divided(space, poses)
    check(space, poses)
    with Session.open(options.study_dir) as session:
        space = as_begun(space, options.study_dir)
        refuse_more_after_picks(space, options.study_dir)
        return _run_session(space, data, options, session)


def _run_session(space: Space, data: MeasuredData, options: Options, session: Session) -> Outcome:
    poses = data.poses
    settings, about = space.model_dump(mode="json"), describe(poses, space.data, data.folds, data.apart)
    parts = {"regularizers": described(space.regularizers), **describe_sampler(space)}
    with cluster(options, shipped(space.plugins)) as resources, session.begin(settings, about, **parts) as before:
        storage = storage_of(options, before)
        if options.storage is not None:
            Place.at(storage).prepare()
        planner, callback = _prepare(space, poses, storage, before, options.time_budget_s, session.note_picks)
        doing(_ahead(planner, resources.concurrent, options.compiling))
        _write_history(planner, before)
        if options.trackers:
            trackers = opened(options.trackers, before.path, before.study["id"])
            callback.track(Tracking(trackers, before.path, callback.status.tell))
        if space.search is not None:
            callback.follow(LiveHistory(before.path, planner.study, callback.status.tell))
        try:
            run_trials(space, data, storage, options.compiling, resources, planner, callback)
        except BaseException:
            callback.close()
            with suppress(OSError, UserError):  # the user must see the first error, not that the history failed too
                _write_history(planner, _after(planner, before))
            raise
        callback.close()
        after = _after(planner, before)
        _write_history(planner, after)
        outcome = _outcome(planner, after.runs, options.compiling)
        if outcome.unfinished:
            session.status = StudyStatus.INTERRUPTED
    return outcome


def _write_history(planner: Planner, results: Results) -> None:
    """Write `optuna.db` anew, where there is a search."""
    if planner.plan.space.search is not None:
        write_history(planner.study, results, list(planner.rungs.objectives))


def _ahead(planner: Planner, concurrent: int, compiling: Wanted) -> str:
    """What the session does until its first report."""
    done, total = len(planner.finished), len(planner.plan.trials) + planner.coming
    first = compiled.mode(typical_config(planner.plan.space), compiling) == "compiled" and done < total
    return f"training: {done} of {total} trials are done, {concurrent} at once" + (
        ", their steps are compiled first, which takes about 20 s for each kind of network" if first else ""
    )


def refuse_more_after_picks(space: Space, study_dir: Path) -> None:
    """Refuse to prolong a search whose picks were made: they would no longer be the picks of the study's search.

    Raises:
        UserError: the space asks for more trials than the search that was picked from.
    """
    if not (study_dir / STUDY_FILE).is_file():
        return
    study = read_study(study_dir)
    picked_after = study.get("picked_after")
    before = study.get("space", {}).get("trials", 0)
    if picked_after is not None and space.trials > max(picked_after, before):
        raise UserError(
            f"a search is over when its picks are made, but {study_dir} made its own after {picked_after} trials and "
            f"now should have {space.trials}; its picks stand and nothing was run: leave the number of trials at "
            f"{before}, or search anew in a study of its own, with another --study"
        )


def _after(planner: Planner, before: Results) -> Results:
    """What has ended by now; the tables are read again only if a trial of this session may have changed them."""
    return load(before.path, SMALL) if planner.started_trials else before


def _outcome(planner: Planner, runs: pd.DataFrame, compiling: Wanted) -> Outcome:
    running = runs.loc[runs["status"] == RunStatus.RUNNING, "trial_id"]
    planned = set(planner.plan.trials) - set(runs["trial_id"])
    unfinished = running.nunique() + len(planned) + planner.missing
    confirm = planner.plan.space.confirm is not None and not planner.plan.of_phase(Phase.CONFIRM)
    short = len(planner.plan.of_phase(Phase.SEARCH)) < planner.plan.space.trials
    tried_all = short and planner.plan.untried == 0
    return Outcome(
        trials=runs["trial_id"].nunique(),
        unfinished=unfinished,
        bad_runs=int(runs["status"].isin([str(RunStatus.FAILED), str(RunStatus.DIVERGED)]).sum()),
        out_of_time=planner.out_of_time,
        unconfirmed=confirm and not unfinished,
        tried_all=tried_all,
        picked_after=planner.picked_after if short and not tried_all else None,
        uncompiled=sum(
            trial.trained and compiled.mode(trial.config, compiling) == "compiled"
            for trial in map(planner.plan.trials.__getitem__, set(runs.loc[runs["mode"] == "eager", "trial_id"]))
        ),
        stopped=len(planner.rungs.stopped),
    )


def check(space: Space, poses: PoseSet) -> None:
    """Refuse at once what would fail only at the end of the first trial.

    Raises:
        UserError: an objective is no metric, a search has no validation people, or a split is too small.
    """
    refuse_small_splits(poses, space.evaluation)
    if space.search is None:
        return
    if "valid" not in poses.splits:
        raise UserError(
            f"a search is judged on validation people, but {poses.name} has only {', '.join(poses.splits)}; "
            "give it a valid split, or run a grid"
        )
    usual = {metric.column for metric in PRIMARY}  # every evaluation gives them; what else it gives takes seconds
    others = [name for name in space.objectives if name not in usual]
    known = {name for name in metric_names(poses, space.evaluation) if not name.startswith("test_")} if others else {}
    for name in others:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.3)
            advice = f"near are {', '.join(near)}" if near else f"the usual ones are {', '.join(DEFAULT_OBJECTIVES)}"
            raise UserError(f"an objective is the name of a metric, but there is no {name}; {advice}")
    if space.stop is not None and others:
        _refuse_unmeasured_at_rungs(others, poses, space)


def _refuse_unmeasured_at_rungs(objectives: Sequence[str], poses: PoseSet, space: Space) -> None:
    known = metric_names(sample_of(poses, space.evaluation.seed), smaller(space.evaluation))
    for name in objectives:
        if name not in known:
            raise UserError(
                f"a rung measures the objectives on single poses and paths, but {name} needs whole recordings; take "
                "another objective or remove stop"
            )


def _prepare(
    space: Space,
    poses: PoseSet,
    storage: str,
    before: Results,
    budget_s: float | None,
    picked: Callable[[int], None],
) -> tuple[Planner, WritingCallback]:
    plan = Plan(space, {trial.trial_id: trial for trial in from_runs(before.runs)})
    writer = TrialWriter(before.path, poses.fingerprint, Place.at(storage))
    finished = finished_trials(before, space.judged)
    for trial_id in finished:  # a kill between a trial's last write and its tidying leaves checkpoints behind
        writer.place.remove(trial_id)
    rungs = Rungs(space.stop, space.objectives)
    rungs.restore(plan.trials.values(), before.runs, before.history)
    planner = Planner(plan, finished, writer.write_begin, budget_s, before.study.get("picked_after"), picked, rungs)
    return planner, WritingCallback(writer, planner)


def storage_of(options: Options, study: Results) -> str:
    """Where the study's checkpoints go; outside its own folder its id tells it from other studies of the same name."""
    if options.storage is None:
        return str((options.study_dir / "checkpoints").resolve())
    return below(options.storage, f"{options.study_dir.name}-{study.study['id']}")


def finished_trials(results: Results, names: Sequence[str]) -> dict[str, Objectives | None]:
    """The metrics (means over seeds) of the trials that ended; none where a run failed, diverged or was stopped."""
    ended: dict[str, Objectives | None] = {}
    for trial_id, runs in results.summary().groupby("trial_id"):
        if (runs["status"] == RunStatus.RUNNING).any():
            continue
        values = runs.reindex(columns=list(names))
        all_done = (runs["status"] == RunStatus.DONE).all() and not values.isna().any().any()
        # The same sum in the same order as in the trial, so that a resumed search sees the same bits.
        means = {name: sum(values[name].tolist()) / len(values) for name in names}
        ended[str(trial_id)] = means if all_done else None
    return ended
