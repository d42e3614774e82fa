"""Which notifications are learned as a problem and its clear, from their order."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconductor.mapping_report.collection import SampledTrap, Thing, TrapHistory, TrapStep
from opsconductor.mapping_report.in_force import MappingsInForce
from opsconductor.mapping_report.learning import LearnedPair, at_least, learned_pairs
from opsconductor.mapping_report.seen import SeenReport, SeenTrap
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.enums import Severity
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.ids import time_ordered_id
from opsconductor.model.mappings.table import MappingTable

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
LOST, BACK = "1.3.6.1.4.1.99999.1", "1.3.6.1.4.1.99999.2"


def a_trap(oid: str, severity: Severity) -> SampledTrap:
    """Make the latest trap of an OID."""
    report = SeenReport("10.0.0.1", "unknown_trap", oid, severity, is_clear=False, is_unmapped=True, title="")
    event = ArchivedEvent(id=time_ordered_id(BEGIN), connector="traps", received_at=BEGIN, payload=b"")
    return SampledTrap(event, SeenTrap(oid, "10.0.0.1", (), (), (report,)), report)


def learned(*steps: tuple[float, str], severity: Severity = Severity.MAJOR) -> list[LearnedPair]:
    """Learn from the notifications about one thing, given by their second and OID."""
    collection = TrapHistory()
    listed = [TrapStep(BEGIN + timedelta(seconds=at), oid) for at, oid in steps]
    collection.things[Thing("10.0.0.1", ("7",))] = sorted(listed, reverse=True)
    collection.examples[LOST] = a_trap(LOST, severity)
    collection.examples[BACK] = a_trap(BACK, Severity.WARNING)
    in_force = MappingsInForce(
        table=MappingTable(()), facts=standard_facts(), vendor_of=lambda _address: None
    )
    return learned_pairs(collection, in_force)


def rounds(number: int, gap_s: float = 300) -> list[tuple[float, str]]:
    """Return a problem every hour, each followed by its end."""
    return [step for at in range(number) for step in ((3_600.0 * at, LOST), (3_600.0 * at + gap_s, BACK))]


def test_a_regular_clear_of_a_problem_is_learned() -> None:
    """The share, the delay and the certainty are learned."""
    (pair,) = learned(*rounds(10))
    assert (pair.problem_oid, pair.clear_oid, pair.followed, pair.median_s) == (LOST, BACK, 10, 300)
    assert 0.8 < pair.confidence < 1


def test_of_equal_severities_the_sooner_one_is_the_clear_and_less_certain() -> None:
    """Only the time says which of the two is the problem."""
    (pair,) = learned(*rounds(40), severity=Severity.WARNING)
    assert (pair.problem_oid, pair.clear_oid) == (LOST, BACK)
    assert pair.confidence < 0.7


@pytest.mark.parametrize(
    "steps",
    [
        rounds(3),
        rounds(10, gap_s=0.5),
        [(at * 60.0, LOST if at % 3 else BACK) for at in range(60)],
        [(at * 60.0, BACK if at % 5 else LOST) for at in range(60)],
    ],
    ids=["too few", "sent together", "the problem comes twice as often", "the other comes by itself"],
)
def test_a_random_sequence_is_not_learned(steps: list[tuple[float, str]]) -> None:
    """Too rare, too soon, or as often after itself as after the other."""
    assert learned(*steps) == []


def test_the_share_is_a_lower_bound() -> None:
    """A share from few observations is less certain than the same share from many."""
    assert at_least(5, 5) < at_least(50, 50) < 1
    assert at_least(0, 0) == 0
