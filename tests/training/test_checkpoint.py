"""Checkpoints: going on from one equals never having stopped, and a damaged one is passed over."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from pyarrow import fs

from acai_ray.common.errors import UserError
from acai_ray.common.files import WriteError
from acai_ray.poses import PoseSet
from acai_ray.training import trainer
from acai_ray.training.batches import draw_epoch
from acai_ray.training.checkpoint import STATE, TENSORS, Place
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import train
from tests.helpers.pages import ROOT
from tests.helpers.training import OPTIMIZERS, differing, member_of, numbers, small, trained

SCHEDULES = ("constant", "linear", "cosine")


@pytest.fixture
def place(tmp_path) -> Place:
    return Place.at(str(tmp_path / "checkpoints"))


def stopped_after(epoch: int, config: Any, seeds: list[int], poses: PoseSet, place: Place) -> TrainState:
    state = TrainState.start(config, seeds)
    for report in train(poses, state):
        place.save("s00000", state)
        if report.epoch == epoch:
            break
    return state


def assert_same(a: TrainState, b: TrainState) -> None:
    """Everything but the clock, to the last bit."""
    assert differing(a.networks.state_dict(), b.networks.state_dict()) == []
    assert differing(a.best, b.best) == []
    assert [numbers(rows) for rows in a.history] == [numbers(rows) for rows in b.history]
    for name in ("config", "epoch", "seeds", "member_epochs", "diverged", "threads", "mode", "device"):
        assert getattr(a, name) == getattr(b, name), name
    assert str(a.best_valid_mm) == str(b.best_valid_mm)  # NaN equals itself as text
    mine, others = (state.optimizer.state_dict()["state"] for state in (a, b))
    assert mine.keys() == others.keys()
    for index in mine:
        assert mine[index].keys() == others[index].keys()
        for key, value in mine[index].items():
            assert value.dtype == others[index][key].dtype
            assert torch.equal(value.isnan(), others[index][key].isnan())
            assert torch.equal(value.nan_to_num(), others[index][key].nan_to_num()), (index, key)


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])


class TestResume:
    """Stopped and gone on equals never stopped."""

    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    @pytest.mark.parametrize("schedule", SCHEDULES)
    def test_it_equals_the_uninterrupted_run(self, optimizer, schedule, pose_set, place) -> None:
        setting = {"constant": {}, "linear": {"norm": "none"}, "cosine": {"dropout": 0.2, "weight_decay": 0.01}}
        config = small(optimizer=optimizer, schedule=schedule, epochs=3, steps_per_epoch=4, **setting[schedule])
        whole = trained(config, [0, 7], pose_set)
        for epoch in (1, 2):
            stopped_after(epoch, config, [0, 7], pose_set, place)
            state = place.newest("s00000")
            assert state.epoch == epoch
            for _ in train(pose_set, state):
                pass
            assert_same(state, whole)
            place.remove("s00000")

    def test_every_epoch_anew(self, pose_set, place) -> None:
        config = small(epochs=5, steps_per_epoch=3, critic_lr=1e-2)
        place.save("s00000", TrainState.start(config, [0, 1]))
        for _ in range(5):
            state = place.newest("s00000")
            next(train(pose_set, state))
            place.save("s00000", state)
        assert_same(place.newest("s00000"), trained(config, [0, 1], pose_set))

    def test_without_critic_and_without_validation(self, pose_set_without_valid, place) -> None:
        config = small(lam=0, critic=False, epochs=3)
        stopped_after(1, config, [0, 1], pose_set_without_valid, place)
        state = place.newest("s00000")
        assert list(train(pose_set_without_valid, state))
        assert_same(state, trained(config, [0, 1], pose_set_without_valid))

    def test_with_a_diverged_member(self, pose_set, place, monkeypatch) -> None:
        def draw(config: Any, seed: int, epoch: int, poses: torch.Tensor) -> Any:
            x, alpha = draw_epoch(config, seed, epoch, poses)
            return (x * torch.inf if seed == 1 and epoch == 1 else x), alpha

        monkeypatch.setattr(trainer, "draw_epoch", draw)
        config = small(epochs=4)
        whole = trained(config, [0, 1, 2], pose_set)
        assert whole.member_epochs == [4, 1, 4]
        stopped_after(2, config, [0, 1, 2], pose_set, place)
        state = place.newest("s00000")
        assert [bool(reason) for reason in state.diverged] == [False, True, False]
        assert list(train(pose_set, state))
        assert_same(state, whole)

    @pytest.mark.slow
    def test_in_a_fresh_process(self, pose_set, place) -> None:
        config = small(epochs=3, optimizer="nadam", schedule="cosine", dropout=0.1)
        stopped_after(1, config, [3, 4], pose_set, place)
        program = f"""
from tests.helpers.small_poses import small_poses
from acai_ray.training.checkpoint import Place
from acai_ray.training.trainer import train
place = Place.at({place.path!r})
state = place.newest("s00000")
for _ in train(small_poses(), state):
    place.save("s00000", state)
"""
        subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": ""})
        assert_same(place.newest("s00000"), trained(config, [3, 4], pose_set))

    def test_a_saved_state_is_what_was_saved(self, pose_set, place) -> None:
        state = stopped_after(2, small(), [0, 1], pose_set, place)
        loaded = place.newest("s00000")
        assert_same(loaded, state)
        assert loaded.wall_s == state.wall_s
        assert loaded.history == state.history

    def test_threads_are_those_of_the_start(self, place) -> None:
        place.save("s00000", TrainState.start(small(), [0], threads=3))
        assert place.newest("s00000").threads == 3


class TestDamage:
    """A checkpoint is whole or passed over."""

    @pytest.fixture
    def folder(self, pose_set, place) -> Path:
        """That of the newest of two checkpoints."""
        stopped_after(2, small(), [0], pose_set, place)
        return Path(place.path) / "s00000" / "00002"

    @pytest.mark.parametrize("how", ["missing", "empty", "truncated", "flipped"])
    @pytest.mark.parametrize("file", [TENSORS, STATE])
    def test_a_damaged_one_is_passed_over_for_the_one_before(self, file, how, folder, place) -> None:
        damage(folder / file, how)
        assert place.newest("s00000").epoch == 1
        damage(folder.parent / "00001" / file, how)
        assert place.newest("s00000") is None

    @pytest.mark.parametrize("position", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9])
    @pytest.mark.parametrize("file", [TENSORS, STATE])
    def test_no_flipped_bit_gets_through(self, file, position, folder, place) -> None:
        content = bytearray((folder / file).read_bytes())
        content[int(position * len(content))] ^= 1
        (folder / file).write_bytes(content)
        found = place.newest("s00000")
        assert found.epoch == 1

    @pytest.mark.parametrize("content", ["[]", "null", "3", "{}", '{"sha256": 5}', '{"sha256": "x"}', "\xff\xfe"])
    def test_json_that_is_something_else(self, content, folder, place) -> None:
        (folder / STATE).write_bytes(content.encode("latin-1"))
        assert place.newest("s00000").epoch == 1

    def test_tensors_of_another_checkpoint_are_noticed(self, folder, place) -> None:
        """As after a process that was killed between the two files."""
        (folder / TENSORS).write_bytes((folder.parent / "00001" / TENSORS).read_bytes())
        assert place.newest("s00000").epoch == 1

    def test_a_state_that_begins_anew_keeps_its_checkpoints(self, folder, place, pose_set) -> None:
        """After all were damaged, the damaged ones of later epochs must not push out the new ones."""
        for epoch in ("00001", "00002"):
            damage(folder.parent / epoch / STATE, "truncated")
        place.save("s00000", TrainState.start(small(), [0]))
        assert place.newest("s00000").epoch == 0


class TestFolder:
    """What a place keeps, and where."""

    def test_the_newest_two_are_kept(self, pose_set, place) -> None:
        state = TrainState.start(small(epochs=5, steps_per_epoch=1), [0])
        for report in train(pose_set, state):
            place.save("s00000", state)
            assert place.epochs("s00000") == [epoch for epoch in (report.epoch - 1, report.epoch) if epoch]

    def test_a_place_that_is_moved_while_it_is_written_is_named(self, place, tmp_path, monkeypatch) -> None:
        """Between the last file and the look at what is there."""

        def write_and_move(self: Place, name: str, data: bytes) -> None:
            write(self, name, data)
            if name.endswith(STATE):
                Path(self.path).rename(tmp_path / "elsewhere")

        write = Place.write
        monkeypatch.setattr(Place, "write", write_and_move)
        with pytest.raises(WriteError, match=r"No such file or directory; .*; was it moved\? Move it back"):
            place.save("s00000", TrainState.start(small(), [0]))

    def test_what_is_not_a_checkpoint_is_left_alone(self, pose_set, place) -> None:
        root = Path(place.path) / "s00000"
        for name in ("7", "00001.tmp", "notes", "²", "000003"):
            (root / name).mkdir(parents=True)
        for name in ("00099", ".DS_Store", "12"):
            (root / name).write_text("mine")
        stopped_after(2, small(epochs=4), [0], pose_set, place)
        state = place.newest("s00000")
        for _ in train(pose_set, state):
            place.save("s00000", state)
        assert place.epochs("s00000") == [3, 4]
        assert {path.name for path in root.iterdir()} == {
            *("7", "00001.tmp", "notes", "²", "000003", "00099", ".DS_Store", "12"),
            *("00003", "00004"),
        }

    def test_trials_are_apart(self, place) -> None:
        for number, trial_id in enumerate(("s00000", "b00000")):
            place.save(trial_id, replace(TrainState.start(small(), [number]), epoch=number + 1))
        assert place.epochs("s00000") == [1]
        place.remove("s00000")
        place.remove("never")
        assert place.newest("s00000") is None
        assert place.newest("b00000").seeds == (1,)

    def test_a_trial_without_checkpoints_has_none(self, place) -> None:
        assert place.epochs("s00000") == []
        assert place.newest("s00000") is None
        assert place.load("s00000/00001") is None

    def test_a_uri_and_a_path_are_the_same_place(self, tmp_path, monkeypatch) -> None:
        (tmp_path / "a folder #1").mkdir()
        monkeypatch.chdir(tmp_path)
        Place.at("a folder #1").save("s00000", TrainState.start(small(), [0]))
        assert Place.at(str(tmp_path / "a folder #1")).newest("s00000") is not None
        Place.at(f"file://{tmp_path}/uri").save("s00000", TrainState.start(small(), [0]))
        assert (tmp_path / "uri/s00000/00000" / STATE).is_file()
        assert Place.at(str(tmp_path / "uri")).newest("s00000") is not None

    def test_a_remote_file_system_without_folders_works(self, pose_set, tmp_path) -> None:
        remote = Place(fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()), "bucket/study")
        stopped_after(1, small(), [0], pose_set, remote)
        assert remote.newest("s00000").epoch == 1

    def test_an_unknown_scheme_is_one_sentence(self) -> None:
        with pytest.raises(UserError, match="storage must be a path or a URI") as caught:
            Place.at("nonsense://bucket/x")
        assert "\n" not in str(caught.value)

    def test_only_safetensors_and_json_are_written(self, place) -> None:
        place.save("s00000", TrainState.start(small(), [0]))
        folder = Path(place.path) / "s00000" / "00000"
        assert {path.name for path in folder.iterdir()} == {TENSORS, STATE}
        assert json.loads((folder / STATE).read_text())["seeds"] == [0]

    def test_members_of_a_loaded_state_are_still_in_order(self, pose_set, place) -> None:
        state = stopped_after(1, small(), [9, 4], pose_set, place)
        loaded = place.newest("s00000")
        assert loaded.seeds == (9, 4)
        assert differing(member_of(loaded, 1), member_of(state, 1)) == []
