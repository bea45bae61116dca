"""Checkpoints of a trial in training, in `<place>/<trial_id>/<epoch>/`; the newest two are kept.

A checkpoint is two files: the tensors as safetensors, then `state.json` with everything else and a hash of both. The
JSON is written last and makes the checkpoint valid. So a checkpoint that is half-written or damaged is recognised and
passed over, on any file system.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from errno import ENOENT
from pathlib import Path
from typing import Any, Self

import torch
from pyarrow import fs
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from acai_ray.common.errors import UserError
from acai_ray.common.files import make_below, writing
from acai_ray.training.saved_state import named_tensors, plain_values, restored, saved_weights
from acai_ray.training.state import TrainState

KEPT = 2
"""Checkpoints of a trial: where the newest is damaged, there is one before it."""
TENSORS, STATE = "tensors.safetensors", "state.json"


@dataclass(frozen=True)
class Place:
    """A folder for checkpoints on a file system that every process of the study reaches."""

    filesystem: fs.FileSystem
    path: str

    @classmethod
    def at(cls, uri: str) -> Self:
        """The place a URI (`s3://…`, `gs://…`, `file://…`) or a local path names.

        Raises:
            UserError: no file system is known for it.
        """
        try:
            return cls(*fs.FileSystem.from_uri(uri if "://" in uri else str(Path(uri).resolve())))
        except (ValueError, OSError) as error:
            raise UserError(
                f"storage must be a path or a URI such as s3://bucket/folder, but {uri} is not ({error})"
            ) from None

    def prepare(self) -> None:
        """Make the folder and what lies above it; `save` does not, so that a study which was moved is not made anew.

        Raises:
            OSError: that is not possible.
        """
        with self._writing(self.path):
            self.filesystem.create_dir(self.path)

    def epochs(self, trial_id: str) -> list[int]:
        """The epochs of a trial's checkpoints, whole or not, oldest first; other files and folders are left alone."""
        entries = self.filesystem.get_file_info(fs.FileSelector(f"{self.path}/{trial_id}", allow_not_found=True))
        names = [entry.base_name for entry in entries if entry.type == fs.FileType.Directory]
        return sorted(int(name) for name in names if name.isdecimal() and name == f"{int(name):05d}")

    def remove(self, trial_id: str) -> None:
        """Delete a trial's checkpoints."""
        if self.epochs(trial_id):
            self.filesystem.delete_dir(f"{self.path}/{trial_id}")

    def save(self, trial_id: str, state: TrainState) -> None:
        """Write the state as the checkpoint of its epoch and delete all but the newest two.

        Checkpoints of later epochs are deleted too: they are damaged, for otherwise the state would have gone on from
        them.

        Raises:
            OSError: it cannot be written (a `WriteError` where the place is a local folder); the checkpoints before it
                are untouched.
        """
        name = f"{trial_id}/{state.epoch:05d}"
        folder = f"{self.path}/{name}"
        tensors, content = tensors_to_bytes(named_tensors(state)), plain_values(state)
        content["sha256"] = _hash(content, tensors)
        with self._writing(folder):
            self._make(folder)
            self.write(f"{name}/{TENSORS}", tensors)
            self.write(f"{name}/{STATE}", json.dumps(content).encode())
            self._keep_newest(trial_id, state.epoch)

    def _writing(self, folder: str) -> AbstractContextManager[None]:
        """Where files are local, an error tells what could not be written, and how much room there is."""
        return writing(Path(folder)) if isinstance(self.filesystem, fs.LocalFileSystem) else nullcontext()

    def _make(self, folder: str) -> None:
        if isinstance(self.filesystem, fs.LocalFileSystem):
            make_below(Path(self.path).parent, Path(folder))
        else:
            self.filesystem.create_dir(folder)

    def _keep_newest(self, trial_id: str, newest: int) -> None:
        epochs = self.epochs(trial_id)
        if newest not in epochs:  # the storage was moved since it was written
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT), f"{self.path}/{trial_id}")
        until = epochs.index(newest) + 1
        for epoch in [*epochs[: max(0, until - KEPT)], *epochs[until:]]:
            self.filesystem.delete_dir(f"{self.path}/{trial_id}/{epoch:05d}")

    def newest(self, trial_id: str, device: str | torch.device = "cpu") -> TrainState | None:
        """The state of a trial's newest valid checkpoint, or none."""
        return next((restored(*saved, device) for saved in self._valid(trial_id)), None)

    def newest_weights(self, trial_id: str) -> dict[str, dict[str, Tensor]] | None:
        """The `last` and the `best` weights in a trial's newest valid checkpoint, or none; cheaper than its state."""
        return next((saved_weights(tensors) for _, tensors in self._valid(trial_id)), None)

    def load(self, folder: str, device: str | torch.device = "cpu") -> TrainState | None:
        """The state of one checkpoint, or none where it is missing, half-written or damaged."""
        saved = self._saved(folder)
        return saved and restored(*saved, device)

    def _valid(self, trial_id: str) -> Iterator[tuple[dict[str, Any], dict[str, Tensor]]]:
        """What a trial's valid checkpoints hold, newest first."""
        for epoch in reversed(self.epochs(trial_id)):
            saved = self._saved(f"{trial_id}/{epoch:05d}")
            if saved is not None:
                yield saved

    def _saved(self, folder: str) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
        """The plain values and the tensors of one checkpoint, or none where it is not valid."""
        try:
            content = json.loads(self.read(f"{folder}/{STATE}"))
            data = self.read(f"{folder}/{TENSORS}")
            if content.pop("sha256") != _hash(content, data):
                return None
            return content, tensors_from_bytes(data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError):
            return None

    def write(self, name: str, data: bytes) -> None:
        """Write one file, in a folder that is there."""
        with self.filesystem.open_output_stream(f"{self.path}/{name}", compression=None) as stream:
            stream.write(data)

    def read(self, name: str) -> bytes:
        """The content of one file."""
        with self.filesystem.open_input_stream(f"{self.path}/{name}", compression=None) as stream:
            return bytes(stream.read())


def _hash(content: dict[str, Any], tensors: bytes) -> str:
    digest = hashlib.sha256(json.dumps(content).encode())
    digest.update(tensors)
    return digest.hexdigest()
