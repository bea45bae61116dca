"""Reading the files of a folder one after another: those that cannot be read are all found, not only the first."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from acai_ray.common.errors import UserError
from acai_ray.poses.recording import Progress

MOST = 100
"""Unreadable files after which no other is tried."""

File = TypeVar("File")
Content = TypeVar("Content")


class UnreadableFilesError(UserError):
    """Some files of a folder cannot be read; its message is the first one's sentence, and how many more there are.

    Attributes:
        sentences: one for each file.
    """

    def __init__(self, sentences: Sequence[str]) -> None:
        """Args: at least one sentence."""
        more = len(sentences) - 1
        rest = f"; {more} more cannot be read, which `python -m acai_ray.data inspect` names" if more else ""
        super().__init__(sentences[0] + rest)
        self.sentences = tuple(sentences)

    def __reduce__(self) -> tuple[type["UnreadableFilesError"], tuple[tuple[str, ...]]]:
        """Pickled as its sentences, because Python would call `__init__` with the message."""
        return type(self), (self.sentences,)


def each_file(files: Sequence[File], read: Callable[[File], Content], progress: Progress) -> list[Content]:
    """What reading each file gives.

    Args:
        files: the files.
        read: reads one.
        progress: told how many files are read.

    Raises:
        UnreadableFilesError: some of them, as far as `MOST` of them.
    """
    contents, sentences = [], []
    for done, file in enumerate(files, start=1):
        try:
            contents.append(read(file))
        except UserError as error:
            sentences.append(str(error))
            if len(sentences) == MOST:
                break
        progress(done, len(files))
    if sentences:
        raise UnreadableFilesError(sentences)
    return contents
