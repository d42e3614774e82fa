"""The state machine of an alert as a table: which history row may follow in which status."""

from opsconductor.model.changes import HistoryEntry
from opsconductor.model.enums import HistoryAction as Action
from opsconductor.model.enums import Status

ACTIVE, ACK, SUPPRESSED = Status.ACTIVE, Status.ACKNOWLEDGED, Status.SUPPRESSED
RESOLVED, EXPIRED = Status.RESOLVED, Status.EXPIRED
OPEN = (ACTIVE, ACK, SUPPRESSED)
CLOSED = (RESOLVED, EXPIRED)

TRANSITIONS: frozenset[tuple[Action, Status | None, Status]] = frozenset(
    {
        (Action.CREATED, None, ACTIVE),
        (Action.CREATED, None, SUPPRESSED),
        (Action.ACKNOWLEDGED, ACTIVE, ACK),
        (Action.ACKNOWLEDGED, SUPPRESSED, ACK),
        (Action.UNACKNOWLEDGED, ACK, ACTIVE),
        (Action.SUPPRESSED, ACTIVE, SUPPRESSED),
        (Action.SUPPRESSED, SUPPRESSED, SUPPRESSED),  # under another cause
        (Action.UNSUPPRESSED, SUPPRESSED, ACTIVE),
        (Action.ESCALATED, ACTIVE, ACTIVE),
        (Action.ESCALATED, SUPPRESSED, SUPPRESSED),
        (Action.ESCALATED, ACK, ACTIVE),
        (Action.ESCALATED, ACK, ACK),  # a person has raised the severity
        (Action.NOTIFIED, ACTIVE, ACTIVE),
    }
    | {(Action.RESOLVED, status, RESOLVED) for status in OPEN}
    | {(Action.EXPIRED, status, EXPIRED) for status in OPEN}
    | {(Action.REOPENED, status, begins) for status in CLOSED for begins in (ACTIVE, SUPPRESSED)}
    | {
        (action, status, status)
        for action in (Action.UPDATED, Action.ASSIGNED, Action.FLAPPING, Action.STABLE)
        for status in OPEN
    }
    | {(Action.REOPENED, status, ACK) for status in CLOSED}  # the closing is taken back
    | {(Action.NOTED, status, status) for status in (*OPEN, *CLOSED)}
    | {(Action.UPDATED, status, status) for status in CLOSED}  # it moves, and is reopened next
)


def check_path(story: list[HistoryEntry], status: Status) -> None:
    """Check that a history is a path of the state machine that ends in the alert's status."""
    at: Status | None = None
    for entry in story:
        assert entry.old_status == at, f"{entry.action} begins at {entry.old_status}, the alert was {at}"
        step = (entry.action, entry.old_status, entry.new_status)
        assert step in TRANSITIONS, f"no such transition: {step}"
        at = entry.new_status
    assert at == status, f"history ends at {at}, the alert is {status}"
