"""Any event of a poller, and any answer of a device, has a foreseen result."""

import contextlib
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.snmp_poll.definition import CheckDefinition, built_in_checks
from connectors.snmp_poll.evaluate import Memory, evaluate_check
from connectors.snmp_poll.normalize import normalize
from connectors.snmp_poll.reading import PolledSample
from connectors.snmp_poll.report import PollReport
from opsconductor.errors import DecodeError
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import Snapshot

NOW = datetime(2026, 1, 2, tzinfo=UTC)
READ = st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=20)
CHECKS = st.sampled_from(list(built_in_checks().values()))


@given(payload=st.binary() | st.text().map(str.encode))
def test_a_foreign_event_is_counted(payload: bytes) -> None:
    """Only the foreseen error is raised for bytes that are no report."""
    with contextlib.suppress(DecodeError):
        normalize(RawEvent(connector="poll", payload=payload, received_at=NOW))


@given(data=st.data(), known=CHECKS, opened=st.sampled_from([None, Severity.MINOR]))
def test_any_answer_of_a_device_becomes_a_report(
    data: st.DataObject, known: CheckDefinition, opened: Severity | None
) -> None:
    """Numbers of any size, NaN and texts in place of numbers are judged, and the result can be read."""
    memory = Memory(known)
    for at_s in (0.0, 60.0):
        scalars = {name: data.draw(READ) for name in known.scalars if data.draw(st.booleans())}
        rows = {
            index: {name: data.draw(READ) for name in known.columns if data.draw(st.booleans())}
            for index in ("1", "192.0.2.1")
        }
        sample = PolledSample(scalars=scalars, rows=rows, at_s=at_s)
        listed, over = evaluate_check(known, sample, memory, lambda *_: opened)
        findings = tuple(case.finding() for case in listed)
        ended = tuple(case.finding(severity=Severity.CLEAR) for case in over)
        for kind, found in (("snapshot", findings), ("over", ended)):
            report = PollReport(kind=kind, address="192.0.2.1", scope=known.name, at=NOW, findings=found)
            payload = report.model_dump_json().encode()
            result = normalize(RawEvent(connector="poll", payload=payload, received_at=NOW))
            alerts = result.alerts if isinstance(result, Snapshot) else result
            assert len(alerts) == len(found)
