"""A clear that misses its problem is distinguished from one about another object."""

import pytest

from opsconductor.mapping_report.apart import why_apart


@pytest.mark.parametrize(
    ("cleared", "problem", "part"),
    [
        ("ifIndex=?", "ifIndex=7", "the clear lacks a variable"),
        ("ifIndex=7", "ifIndex=?", "the problem lacks a variable"),
        ("", "fan=1", "the clear names the device, the open problem fan=1"),
        ("fan=1", "name=Fan 1", "their resource expressions differ"),
        ("fan=Fan-1", "fan=fan 1", "the clear writes"),
        ("fan=1", "fan=1.2", "more parts of the index"),
    ],
)
def test_a_fault_of_the_expressions_is_named(cleared: str, problem: str, part: str) -> None:
    """Other labels, another spelling, a missing variable or index part: the two can never match."""
    assert part in why_apart(cleared, problem)


@pytest.mark.parametrize(("cleared", "problem"), [("ifIndex=7", "ifIndex=8"), ("fan=10", "fan=1"), ("", "")])
def test_another_thing_is_no_fault(cleared: str, problem: str) -> None:
    """A port that comes up while another is down is no fault of the mapping."""
    assert not why_apart(cleared, problem)
