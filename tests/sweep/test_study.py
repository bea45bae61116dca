"""Whole studies on Ray: what they write, how they fail, and that killing the driver loses nothing."""

import shutil
import threading
import time
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import ray

from acai_ray import store
from acai_ray.common.errors import UserError
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.files import write_json
from acai_ray.evaluation import metric_names
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses import PoseSet
from acai_ray.protocol.primary import PRIMARY
from acai_ray.sweep import tune_run
from acai_ray.sweep.ray_cluster import Options, fit_resources
from acai_ray.sweep.space import Space
from acai_ray.sweep.study import Outcome, check, refuse_more_after_picks
from acai_ray.training import compiled
from acai_ray.training.pose_tensor import pose_tensor
from tests.helpers.processes import that_train
from tests.helpers.small_studies import (
    EVALUATION,
    GRID,
    SEARCH,
    TRIAL,
    assert_same_tables,
    counted_reads,
    only_trials,
    study,
)

needs_compiler = pytest.mark.skipif(
    compiled.obstacle() is not None, reason=f"{compiled.obstacle()}, which compiling needs"
)


@pytest.fixture(scope="session")
def grid(local_ray: None, pose_set: PoseSet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The folder of a grid that ended, and its outcome; for reading only."""
    folder = tmp_path_factory.mktemp("grid")
    outcome, _ = study(GRID, pose_set, folder)
    return folder, outcome


@pytest.fixture(scope="session")
def search(local_ray: None, pose_set: PoseSet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The folder of a search that ended, and its outcome; for reading only."""
    folder = tmp_path_factory.mktemp("search")
    outcome, _ = study(SEARCH, pose_set, folder)
    return folder, outcome


ONE_CELL = {**GRID, "points": GRID["points"][:1]}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Ray's own, at start and in its threads
class TestOnRay:
    def test_controls_stand_beside_the_study(self, local_ray: None, pose_set: PoseSet, tmp_path: Path) -> None:
        content = {**GRID, "points": [{"latent_dim": 4, "lambda": 0.1}], "controls": True}
        outcome, results = study(content, pose_set, tmp_path, compiling="on")
        assert outcome.uncompiled == 0 or compiled.obstacle()
        controls = results.runs[results.runs["phase"] == "control"]
        assert set(controls["run_id"]) == {
            *("control-real-51", "control-mean-51", "control-linear-51", "control-pca-4", "control-untrained-4"),
            *("control-shrunk-4", "control-chaos-4-0", "control-chaos-4-1"),
        }
        assert set(controls["status"]) == {"done"}
        assert set(controls["arm"]) == {"control"}
        assert set(results.metrics["run_id"]) == set(results.runs["run_id"])
        trained = controls.set_index("control")["epochs"]
        assert (trained[["chaos", "shrunk"]] == TRIAL["epochs"]).all()
        assert (trained.drop(["chaos", "shrunk"]) == 0).all()
        assert set(results.sensitivity["run_id"]) == {"control-chaos-4-0"}
        again, same = study(content, pose_set, tmp_path, compiling="on")
        assert again == outcome
        assert_same_tables(results, same)

    def test_grid_runs_its_cells_and_their_twins(self, grid: tuple[Path, Outcome]) -> None:
        folder, outcome = grid
        results = store.load(folder / "study")
        assert outcome == Outcome(
            trials=5,
            unfinished=0,
            bad_runs=0,
            out_of_time=False,
            unconfirmed=False,
            tried_all=False,
            picked_after=None,
            uncompiled=0,
        )
        assert list(results.runs["trial_id"].unique()) == ["b00000", "b00001", "g00000", "g00001", "g00002"]
        assert (results.runs["status"] == "done").all()
        assert (results.runs["epochs"] == 2).all()
        assert results.runs["run_id"].is_unique
        assert set(results.metrics["run_id"]) == set(results.runs["run_id"])
        assert results.study["status"] == "finished"
        assert not list((folder / "study" / "checkpoints").glob("*"))
        assert len(list((folder / "study" / "models").glob("*/last.safetensors"))) == 10

    @pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc to tell where memory lies")
    def test_workers_read_the_poses_in_shared_memory(self, local_ray: None, pose_set: PoseSet) -> None:
        def mapping_of(address: int) -> str:
            """What is mapped at an address of this process: a file's name, or nothing."""
            for line in Path("/proc/self/maps").read_text().splitlines():
                first, last = (int(end, 16) for end in line.split()[0].split("-"))
                if first <= address < last:
                    return " ".join(line.split()[5:])
            return ""

        def places(poses: PoseSet) -> list[str]:
            yardstick = Yardstick(poses, EvaluationConfig.model_validate(EVALUATION))
            tensors = [pose_tensor(poses, "train"), yardstick.poses["train"], yardstick.poses["test"]]
            return [mapping_of(tensor.data_ptr()) for tensor in tensors]

        found = ray.get(ray.remote(places).remote(ray.put(pose_set)))
        assert all("plasma" in place or "/dev/shm" in place for place in found), found

    def test_the_same_study_again_does_nothing(self, grid: tuple[Path, Outcome], pose_set: PoseSet) -> None:
        folder, _ = grid
        before = store.load(folder / "study")
        stamps = {path: path.stat().st_mtime_ns for path in (folder / "study").glob("*/*.parquet")}
        with counted_reads() as tables:
            _, after = study(GRID, pose_set, folder)
        assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
        assert sorted(tables) == sorted([*store.TABLES, *store.TABLES])  # once by the session, once by this test
        assert_same_tables(before, after)

    def test_search_brings_twins_and_confirmation(self, search: tuple[Path, Outcome]) -> None:
        folder, outcome = search
        results = store.load(folder / "study")
        assert outcome.unfinished == 0
        trials = results.runs.drop_duplicates("trial_id").set_index("trial_id")
        assert list(trials["phase"]) == ["baseline", "confirm", "confirm", "search", "search", "search"]
        assert set(results.runs.loc[results.runs["phase"] == "confirm", "seed"]) == {10_000, 10_001}
        assert list(trials["pick"]) == ["", "strong", "", "", "", ""]
        assert results.study["picked_after"] == 3
        import optuna

        history = optuna.load_study(study_name="study", storage=f"sqlite:///{folder}/study/optuna.db")
        means = results.summary().query("phase == 'search'").groupby("trial_id")["path_bone_excess_mm"].mean()
        assert [trial.values[0] for trial in history.trials] == pytest.approx(list(means))
        attributes = [trial.user_attrs for trial in history.trials]
        assert [found["path_bone_excess_mm"] for found in attributes] == pytest.approx(list(means))
        assert {"smoothness_ratio_median", "trial_id"} <= attributes[0].keys()
        assert not any(name.startswith("test_") for found in attributes for name in found)

    def test_a_search_over_few_settings_trains_each_once(
        self, local_ray: None, pose_set: PoseSet, tmp_path: Path
    ) -> None:
        few = {**SEARCH, "search": {"lambda": {"choice": [0.1, 0.2]}}, "trials": 5, "confirm": None}
        few["trial"] = {**TRIAL, "latent_dim": 4}
        outcome, results = study(few, pose_set, tmp_path)
        assert outcome.tried_all
        assert (outcome.trials, outcome.unfinished, outcome.bad_runs) == (3, 0, 0)
        assert sorted(results.runs.drop_duplicates("trial_id")["lam"]) == [0, 0.1, 0.2]
        assert results.study["status"] == "finished"
        again, _ = study(few, pose_set, tmp_path)
        assert again == outcome

    def test_a_search_is_over_when_its_picks_are_made(
        self, search: tuple[Path, Outcome], pose_set: PoseSet, tmp_path: Path
    ) -> None:
        shutil.copytree(search[0], tmp_path, dirs_exist_ok=True)
        before = store.load(tmp_path / "study")
        with pytest.raises(UserError, match=r"made its own after 3 trials and now should have 5; its picks stand"):
            study({**SEARCH, "trials": 5}, pose_set, tmp_path)
        outcome, after = study(SEARCH, pose_set, tmp_path)
        assert (outcome.unfinished, outcome.picked_after) == (0, None)
        assert_same_tables(before, after)

    def test_a_raising_trial_fails_and_the_study_goes_on(
        self, local_ray: None, pose_set: PoseSet, tmp_path: Path
    ) -> None:
        poses = pose_set.poses.copy()
        poses[(pose_set.index["split"] == "test").to_numpy()] = np.nan  # trains well, and cannot be measured
        outcome, results = study(ONE_CELL, replace(pose_set, poses=poses), tmp_path)
        assert outcome.bad_runs == 4
        assert outcome.unfinished == 0
        assert (results.runs["status"] == "failed").all()
        assert results.runs["reason"].str.contains("must be finite").all()

    def test_a_storage_that_cannot_be_written_ends_the_session(
        self, local_ray: None, pose_set: PoseSet, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("no folder")
        with pytest.raises(OSError, match=r"/file/.* could not be written \(Not a directory; .* free in"):
            study(ONE_CELL, pose_set, tmp_path, storage=str(tmp_path / "file"))
        results = store.load(tmp_path / "study")
        assert results.runs.empty
        assert results.study["status"] == "interrupted"
        outcome, _ = study(ONE_CELL, pose_set, tmp_path)
        assert (outcome.unfinished, outcome.bad_runs) == (0, 0)

    def test_tables_that_cannot_be_written_are_named(self, local_ray: None, pose_set: PoseSet, tmp_path: Path) -> None:
        (tmp_path / "study").mkdir()
        (tmp_path / "study" / "runs").touch()
        with pytest.raises(OSError, match=r"study/runs.* could not be written \("):
            study(ONE_CELL, pose_set, tmp_path)

    @pytest.mark.parametrize("mode", ["eager", pytest.param("compiled", marks=needs_compiler)])
    def test_a_lost_process_goes_on_from_its_checkpoint(
        self, grid: tuple[Path, Outcome], pose_set: PoseSet, tmp_path: Path, mode: str
    ) -> None:
        compiling = "on" if mode == "compiled" else "off"
        if mode == "eager":
            whole = only_trials(store.load(grid[0] / "study"), {"g00000", "b00000"})
        else:
            _, whole = study(ONE_CELL, pose_set, tmp_path, compiling=compiling)
        assert set(whole.runs["mode"]) == {mode}
        other = tmp_path / "other"
        other.mkdir()
        killer = threading.Thread(target=_kill_a_worker_of, args=(other / "study",))
        killer.start()
        _, killed = study(ONE_CELL, pose_set, other, compiling=compiling)
        killer.join()
        assert_same_tables(whole, killed)

    def test_a_study_that_is_moved_meanwhile_is_not_torn_in_two(
        self, grid: tuple[Path, Outcome], pose_set: PoseSet, tmp_path: Path
    ) -> None:
        here, there = tmp_path / "study", tmp_path / "elsewhere"
        mover = threading.Thread(target=lambda: (_until_trained(here), here.rename(there)))
        mover.start()
        with pytest.raises(OSError, match=r"study is gone; move it back|No such file .*; was it moved\? Move it back"):
            study(ONE_CELL, pose_set, tmp_path)
        mover.join()
        assert not [*here.rglob("*")]
        there.rename(here)
        _, results = study(ONE_CELL, pose_set, tmp_path)
        assert_same_tables(only_trials(store.load(grid[0] / "study"), {"g00000", "b00000"}), results)

    def test_a_trial_whose_process_is_lost_again_and_again_has_failed(
        self, local_ray: None, pose_set: PoseSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As where memory never suffices."""
        monkeypatch.setattr(tune_run, "PROCESS_FAILURES", 1)
        over = threading.Event()
        killer = threading.Thread(target=_kill_all_workers_until, args=(over,))
        killer.start()
        try:
            outcome, results = study({**ONE_CELL, "baseline": False}, pose_set, tmp_path)
        finally:
            over.set()
            killer.join()
        assert (outcome.trials, outcome.unfinished, outcome.bad_runs) == (1, 0, 2)
        assert set(results.runs["status"]) == {"failed"}
        (reason,) = set(results.runs["reason"])
        assert reason.startswith("its process was lost 2 times, at last with “")
        assert "run fewer trials at once with --max-concurrent" in reason

    def test_a_diverging_trial_is_told_so(self, local_ray: None, pose_set: PoseSet, tmp_path: Path) -> None:
        wild = {**GRID, "points": [{"latent_dim": 4, "lambda": 0.1}, {"latent_dim": 4, "lambda": 0.1, "lr": 1e30}]}
        wild["trial"] = {name: value for name, value in TRIAL.items() if name != "lr"}
        outcome, results = study({**wild, "baseline": False}, pose_set, tmp_path)
        status = results.runs.groupby("trial_id")["status"].first()
        assert dict(status) == {"g00000": "done", "g00001": "diverged"}
        assert outcome.bad_runs == 2
        assert set(results.metrics["run_id"]) == {"g00000-0", "g00000-1"}

    def test_another_space_under_the_same_name_is_refused(self, grid: tuple[Path, Outcome], pose_set: PoseSet) -> None:
        with pytest.raises(UserError, match=r"seeds was 2 and is 3; take them back"):
            study({**GRID, "seeds": 3}, pose_set, grid[0])

    def test_what_no_node_can_carry_is_refused(self, local_ray: None, pose_set: PoseSet, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="must fit on one node"):
            study(GRID, pose_set, tmp_path, cpus_per_trial=64)


def _kill_a_worker_of(study_dir: Path) -> None:
    """Kill the first training process once a checkpoint is there."""
    _until_trained(study_dir)
    for process in that_train(psutil.Process())[:1]:
        process.kill()


def _until_trained(study_dir: Path) -> None:
    deadline = time.monotonic() + 1800
    while not list((study_dir / "checkpoints").glob("*/*/state.json")) and time.monotonic() < deadline:
        time.sleep(0.02)


def _kill_all_workers_until(over: threading.Event) -> None:
    while not over.wait(0.02):
        for process in that_train(psutil.Process()):
            with suppress(psutil.NoSuchProcess):  # its trial was given up meanwhile
                process.kill()


@pytest.mark.parametrize(("trials", "refused"), [(8, False), (20, False), (21, True)])
def test_a_search_is_not_prolonged_after_its_picks(trials: int, refused: bool, tmp_path: Path) -> None:
    """The time budget ended this one after 12 of 20 trials; the same command may end what its confirmation lacks."""
    space = Space.model_validate({**SEARCH, "trials": trials})
    refuse_more_after_picks(space, tmp_path)  # nothing is there yet
    write_json(tmp_path / "study.json", {"space": {"trials": 20}, "picked_after": 12})
    with pytest.raises(UserError, match="with another --study") if refused else nullcontext():
        refuse_more_after_picks(space, tmp_path)


def test_an_objective_must_be_a_metric(pose_set: PoseSet) -> None:
    """The primary metrics are known without an evaluation, because every evaluation gives them."""
    known = metric_names(pose_set, EvaluationConfig.model_validate(EVALUATION))
    assert {metric.column for metric in PRIMARY} <= known
    check(Space.model_validate(SEARCH), pose_set)
    misspelt = {**SEARCH, "objectives": {"path_coverage": "max", "path_bone_exces_mm": "min"}}
    with pytest.raises(UserError, match=r"there is no path_bone_exces_mm; near are path_bone_excess_mm"):
        check(Space.model_validate(misspelt), pose_set)


def test_a_rung_must_be_able_to_measure_the_objectives(pose_set: PoseSet) -> None:
    """On single poses, times are lost: what lies between two poses of a recording is not measured at a rung."""
    every = replace(pose_set, fps=10.0)
    frames = every.index.assign(frame=np.arange(len(every)))
    recorded = replace(every, index=frames.assign(sequence=frames["subject"], camera=frames["subject"]))
    between = {**SEARCH, "objectives": {"inbetween_500ms_mpjpe_mm": "min"}, "confirm": None}
    check(Space.model_validate(between), recorded)
    with pytest.raises(UserError, match="but inbetween_500ms_mpjpe_mm needs whole recordings; take another objective"):
        check(Space.model_validate({**between, "stop": {"at": [1], "keep": 0.5}}), recorded)


def node(cpu: float, gpu: float = 0.0) -> dict[str, Any]:
    return {"Alive": True, "Resources": {"CPU": cpu, "GPU": gpu}}


@pytest.mark.parametrize(
    ("options", "nodes", "expected"),
    [
        ({}, [node(2)], (1.0, 0.0, 2)),
        ({"cpus_per_trial": 2}, [node(5)], (2.0, 0.0, 2)),
        ({"max_concurrent": 1}, [node(8)], (1.0, 0.0, 1)),
        ({}, [node(8, 1)], (1.0, 0.25, 4)),
        ({"gpus_per_trial": 0.5}, [node(8, 2)], (1.0, 0.5, 4)),
        ({"gpus_per_trial": 2}, [node(8, 4)], (1.0, 2.0, 2)),
        ({"gpus_per_trial": 0}, [node(3, 4)], (1.0, 0.0, 3)),
        ({"storage": "s3://bucket"}, [node(1), node(3, 1)], (1.0, 0.25, 3)),
    ],
)
def test_resources(options: dict[str, Any], nodes: list[dict[str, Any]], expected: tuple[float, float, int]) -> None:
    found = fit_resources(Options(Path("study"), **options), nodes)
    assert (found.cpu, found.gpu, found.concurrent) == expected


@pytest.mark.parametrize(
    ("options", "nodes", "sentence"),
    [
        ({"gpus_per_trial": 1.5}, [node(8, 2)], "share of one GPU or whole GPUs"),
        ({"gpus_per_trial": 0.5}, [node(8)], "the largest node has 8 and 0"),
        ({}, [node(2), node(2)], "no --storage"),
    ],
)
def test_impossible_resources_are_refused(options: dict[str, Any], nodes: list[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        fit_resources(Options(Path("study"), **options), nodes)
