"""The index of poses: one row for each pose with subject, action, sequence, camera and frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NAME_COLUMNS = ("subject", "action", "sequence", "camera")
"""Columns of the index that hold names; `frame` is a number."""


def index_of(count: int, *, frame: NDArray[Any] | None = None, **names: str | pd.Categorical) -> pd.DataFrame:
    """The index of `count` poses; a string holds for all of them, a column that is not given is empty.

    Args:
        count: number of poses N.
        frame: `(N,)` frame numbers; counted from 0 where not given.
        names: `(N,)` names, or one for all poses, for some of `NAME_COLUMNS`.
    """
    columns: dict[str, Any] = {name: _categorical(names.get(name, ""), count) for name in NAME_COLUMNS}
    columns["frame"] = np.arange(count, dtype=np.int32) if frame is None else np.asarray(frame).astype(np.int32)
    return pd.DataFrame(columns)


def named(codes: NDArray[Any], names: Sequence[str] | NDArray[Any]) -> pd.Categorical:
    """A column of names: pose n has the name `names[codes[n]]`; a name may occur in `names` more than once."""
    places, unique = pd.factorize(np.asarray(names, dtype=str))
    categories: Any = unique
    return pd.Categorical.from_codes(places[codes], categories=categories)


def concatenate(indices: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of several indices one after another; the categories of each column are united and sorted."""
    columns: dict[str, Any] = {}
    for name in indices[0].columns:
        parts = [index[name] for index in indices]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = pd.api.types.union_categoricals([part.array for part in parts], sort_categories=True)
        else:
            columns[name] = np.concatenate([part.to_numpy() for part in parts])
    return pd.DataFrame(columns)


def _categorical(names: str | pd.Categorical, count: int) -> pd.Categorical:
    return named(np.zeros(count, dtype=np.int8), [names]) if isinstance(names, str) else names
