"""A session of a study: one process locks it, begins it, and notes how it ended."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from acai_ray.common.errors import UserError
from acai_ray.common.files import WriteError, tidy
from acai_ray.protocol.statuses import StudyStatus
from acai_ray.store import study_file
from acai_ray.store.folders import refuse_gone
from acai_ray.store.results import Results, load
from acai_ray.store.schema import TABLES


@contextmanager
def lock(study_dir: Path) -> Iterator[None]:
    """Hold the study for writing; the lock is released when the process ends, however it ends.

    Raises:
        UserError: another process holds it.
        WriteError: the folder cannot be made or written.
    """
    file_lock = FileLock(study_dir / ".lock", timeout=0)
    try:
        study_dir.mkdir(parents=True, exist_ok=True)
        file_lock.acquire()
    except Timeout:
        raise UserError(
            f"one process at a time may write a study, but another holds {study_dir}; wait for it, stop it, "
            "or give this run another --study"
        ) from None
    except OSError as error:
        raise WriteError(study_dir / ".lock", error) from None
    try:
        yield
    finally:
        file_lock.release()


class Session:
    """A study that only this process may write: `open` locks it, `begin` marks it as running and notes the end.

    They are two steps because what can be refused in between should leave no trace in the folder.

    ```python
    with Session.open(study_dir) as session, session.begin(settings, data) as before:
        ...
        if not everything_ran:
            session.status = StudyStatus.INTERRUPTED
    ```

    Attributes:
        study_dir: the study's folder.
        status: what `study.json` will say after a block that ends without an exception.
    """

    def __init__(self, study_dir: Path) -> None:
        """Args: the study's folder. Use `open`, which locks it."""
        self.study_dir = study_dir
        self.status = StudyStatus.FINISHED
        self._content: dict[str, Any] = {}

    @classmethod
    @contextmanager
    def open(cls, study_dir: Path) -> Iterator[Self]:
        """Lock a study for a block.

        Raises:
            UserError: another process holds the study.
            WriteError: the folder cannot be made or written.
        """
        with lock(study_dir):
            yield cls(study_dir)

    @contextmanager
    def begin(self, settings: dict[str, Any], data: dict[str, Any], **facts: Any) -> Iterator[Results]:
        """Write `study.json`, give what has ended so far, and note at the end of the block how the session ended.

        The tables are read once, and those kept that are `small`. After an exception the note says `interrupted`.

        Args:
            settings: the resolved search space or experiment, as plain data.
            data: what the poses are, as `poses.description.describe` gives it.
            facts: what else is to be known of how the study is made, e.g. its `sampler`.

        Raises:
            UserError: the folder holds another study, or a damaged one.
            WriteError: `study.json` cannot be written.
        """
        content = study_file.new_content(self.study_dir.name, settings, data) | facts
        self._tidy()
        known = self._known()
        if known is not None:
            study_file.refuse_another(known.study, content, self.study_dir)
            _refuse_damaged(known)
            content |= {key: known.study[key] for key in study_file.KEPT if key in known.study}
        self._content = content
        study_file.write(self.study_dir, content)
        try:
            yield replace(known or load(self.study_dir), study=content).small()
        except BaseException:
            with suppress(OSError):  # the user must see the first error, not that the note failed too
                self._note(study_file.ended(content, StudyStatus.INTERRUPTED))
            raise
        self._note(study_file.ended(content, self.status))

    def note_picks(self, trials: int) -> None:
        """Note in `study.json` how many trials the search had when its picks were made; later sessions keep the note.

        Raises:
            WriteError: `study.json` cannot be written.
        """
        self._content["picked_after"] = trials
        self._note(self._content)

    def _note(self, content: Mapping[str, Any]) -> None:
        refuse_gone(self.study_dir)
        study_file.write(self.study_dir, content)

    def _known(self) -> Results | None:
        """What an earlier session left, or none in a new folder."""
        if (self.study_dir / study_file.NAME).is_file():
            return load(self.study_dir)
        if any((self.study_dir / table).is_dir() for table in TABLES):
            raise UserError(
                f"a study's tables belong to its study.json, but {self.study_dir} lacks it; "
                "restore it or take another --study"
            )
        return None

    def _tidy(self) -> None:
        """Delete the unfinished files of writers that were killed; the lock says that none of them lives."""
        folders = [self.study_dir / table for table in TABLES]
        for folder in (self.study_dir, *folders, *(self.study_dir / "models").glob("*")):
            tidy(folder)


def _refuse_damaged(results: Results) -> None:
    """Refuse to go on with tables that are not whole: their trials would be planned and trained a second time."""
    if results.damaged:
        raise UserError(
            f"a study resumes from whole tables, but in {results.path} {results.damaged[0]}, or "
            "delete the files of that trial from all tables to run it again"
        )
