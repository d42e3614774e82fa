"""Counts are kept until they are stored, however long that takes."""

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.ledger.ledger import Key, Minutes

KEY = Key("traps", "received")
LEVEL = Key("traps", "waiting")


def amounts(minutes: Minutes, key: Key) -> list[int]:
    """List what a key has in each minute."""
    return [page.amounts.get(key, 0) for page in minutes.pages()]


def test_each_minute_has_its_own_page() -> None:
    """Counts are added to the minute in which they come."""
    minutes = Minutes()
    for at_s in (0, 59.9, 60, 185):
        minutes.add(KEY, 2, at_s)
    assert [(page.minute.minute, page.amounts[KEY]) for page in minutes.pages()] == [(0, 4), (1, 2), (3, 2)]


def test_only_what_is_written_and_over_is_forgotten() -> None:
    """The running minute stays, and so does a minute in which something was counted meanwhile."""
    minutes = Minutes()
    for at_s in (0, 60, 120):
        minutes.add(KEY, 1, at_s)
    written = minutes.pages()
    minutes.add(KEY, 1, 60)
    minutes.forget(written, 130)
    assert amounts(minutes, KEY) == [2, 1]


def test_pages_are_copies() -> None:
    """Pages do not change while they are written."""
    minutes = Minutes()
    minutes.add(KEY, 1, 0)
    (page,) = minutes.pages()
    minutes.add(KEY, 1, 0)
    assert page.amounts[KEY] == 1


def test_a_level_is_its_last_value() -> None:
    """Levels are not added up, and a level of zero is stored as zero."""
    minutes = Minutes()
    minutes.put(LEVEL, 0, 0)
    assert len(minutes.pages()[0].amounts) == 0
    minutes.put(LEVEL, 7, 0)
    minutes.put(LEVEL, 0, 1)
    assert amounts(minutes, LEVEL) == [0]
    assert LEVEL in minutes.pages()[0].amounts


def test_the_oldest_two_become_one_when_there_are_too_many() -> None:
    """After a day without PostgreSQL the oldest minutes are added up, except for levels."""
    minutes = Minutes(most=2)
    for at_s in (0, 60, 120):
        minutes.add(KEY, 1, at_s)
        minutes.put(LEVEL, int(at_s) + 1, at_s)
    assert amounts(minutes, KEY) == [2, 1]
    assert amounts(minutes, LEVEL) == [61, 121]


@given(
    st.lists(st.tuples(st.integers(0, 10), st.floats(0, 3_600)), max_size=60),
    st.integers(2, 5),
)
def test_nothing_is_ever_lost(counts: list[tuple[int, float]], most: int) -> None:
    """However clocks jump and however few minutes may wait, all counts are in the pages."""
    minutes = Minutes(most)
    for amount, at_s in counts:
        minutes.add(KEY, amount, at_s)
    assert sum(amounts(minutes, KEY)) == sum(amount for amount, _ in counts)
    assert len(minutes) <= most
