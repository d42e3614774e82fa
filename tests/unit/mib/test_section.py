"""Sections of the built index: sorted texts that are read in place."""

from bisect import bisect_left, bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.mib.index import STEP, read_section, write_section

KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=3)


@given(st.lists(KEYS, max_size=3 * STEP), KEYS)
def test_a_key_is_found_as_in_a_sorted_list(keys: list[str], wanted: str) -> None:
    """Positions, keys and rows equal those of the sorted rows, with any number of equal keys."""
    rows = [(key, f"row {number}") for number, key in enumerate(keys)]
    section, behind = read_section(memoryview(b"head" + write_section(rows) + b"tail"), 4)
    assert behind == 4 + len(write_section(rows))
    ordered = sorted(rows, key=lambda row: row[0])
    assert [(section.key(at), section.row(at)) for at in range(len(section))] == ordered
    for key in (wanted, *keys[:3]):
        assert section.position_of(key) == bisect_left(sorted(keys), key)
        assert section.position_behind(key) == bisect_right(sorted(keys), key)
        assert section.at(key) == [row for own, row in ordered if own == key]


def test_a_section_that_is_cut_off_is_refused() -> None:
    """A file that was not written to its end is no index."""
    data = write_section([("key", "row")])
    with pytest.raises(ValueError, match="not whole"):
        read_section(memoryview(data[:-1]), 0)
