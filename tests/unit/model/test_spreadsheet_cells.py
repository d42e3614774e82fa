"""Cells of CSV files, which spreadsheets open."""

import pytest

from opsconductor.model.spreadsheet import cell_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (7, "7"),
        (["noc", "lab"], "noc,lab"),
        (("operator",), "operator"),
        ((), ""),
        ({"a": 1}, '{"a": 1}'),
        ("=1+1", "'=1+1"),
    ],
)
def test_a_value_is_one_cell(value: object, text: str) -> None:
    """Lists and tuples by commas, none as nothing, what would be calculated with an apostrophe."""
    assert cell_of(value) == text
