"""Pipes for what a command prints."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unread_pipe() -> Iterator[int]:
    """The end to write into of a pipe whose reader has left, before a command even starts."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)
