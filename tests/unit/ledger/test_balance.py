"""The sums of the loss ledger add up, and a difference is found at its place."""

import pytest

from opsconductor.ledger.equations import EQUATIONS, Gap, LedgerEntry, balance

A_DAY = {
    "received": 1_003,
    "refused": 20,
    "undecodable": 10,
    "duplicate": 5,
    "discovery": 4,
    "recorded": 3,
    "dropped": 1,
    "held": 60,
    "taken": 900,
    "waiting": 100,
    "invalid": 7,
    "failed": 3,
    "normalized": 790,
    "reported": 800,
    "unmapped": 11,
    "folded": 800,
    "committed": 500,
    "spooled": 300,
    "archived": 700,
    "sampled": 90,
    "unarchived": 7,
    "kernel_drop": 33,
    "unanswered": 2,
}
"""Every stage has some; the sums add up."""


def entries(**changed: int) -> list[LedgerEntry]:
    """Make the entries of the day, some of them changed."""
    return [LedgerEntry("traps", stage, "", amount) for stage, amount in {**A_DAY, **changed}.items()]


def test_a_day_closes() -> None:
    """Every message that was received is accounted for."""
    assert balance(entries()) == []


def test_nothing_closes() -> None:
    """A daemon that received nothing has lost nothing."""
    assert balance([]) == []


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda equation: equation.name)
def test_one_that_vanishes_is_missing_in_its_sum(equation: object) -> None:
    """Each sum notices when one of its parts is one too few, whichever part that is."""
    for part in equation.parts:  # type: ignore[attr-defined]
        gaps = balance(entries(**{part: A_DAY[part] - 1}))
        assert Gap(connector="traps", equation=equation.name, missing=1) in gaps  # type: ignore[attr-defined]


def test_a_double_count_is_negative() -> None:
    """More committed than folded is as wrong as less."""
    (gap,) = balance(entries(committed=502))
    assert (gap.equation, gap.missing) == ("folded", -2)
    assert "PostgreSQL" in gap.meaning


def test_reasons_are_added_up() -> None:
    """A stage is the sum of its reasons."""
    parted = [entry for entry in entries() if entry.stage != "refused"]
    parted += [
        LedgerEntry("traps", "refused", "community", 15),
        LedgerEntry("traps", "refused", "network", 5),
    ]
    assert balance(parted) == []


def test_connectors_are_counted_separately() -> None:
    """A surplus of one connector does not balance a lack of another."""
    both = entries() + [LedgerEntry("prtg", stage, "", amount) for stage, amount in A_DAY.items()]
    both += [LedgerEntry("prtg", "committed", "", 1), LedgerEntry("traps", "committed", "", -1)]
    assert [(gap.connector, gap.missing) for gap in balance(both)] == [("prtg", -1), ("traps", 1)]


def test_a_poller_is_accounted_for_from_the_intake_on() -> None:
    """A source that makes its messages itself receives none."""
    assert balance([LedgerEntry("prtg", "taken", "", 1), LedgerEntry("prtg", "failed", "", 1)]) == []
    assert balance([LedgerEntry("prtg", "taken", "", 1)]) == [
        Gap(connector="prtg", equation="taken", missing=1)
    ]


def test_an_archive_that_is_off_is_no_gap() -> None:
    """Nothing is archived then, and nothing is missing."""
    assert balance(entries(archived=0, sampled=0, unarchived=0)) == []
