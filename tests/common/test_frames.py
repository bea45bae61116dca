"""Rows of frames as dictionaries."""

import pandas as pd

from acai_ray.common.frames import rows_of


def test_each_row_is_a_dictionary_keyed_by_column() -> None:
    assert rows_of(pd.DataFrame({"name": ["a", "b"], 1: [2, 3]})) == [{"name": "a", "1": 2}, {"name": "b", "1": 3}]


def test_rows_without_columns_are_still_rows() -> None:
    """Studies that differ in no setting have such rows; pandas before 3.1 forgets them."""
    assert rows_of(pd.DataFrame(index=["first", "second"])) == [{}, {}]
