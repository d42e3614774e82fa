"""Decisions of the engine, ready to be written in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from opsconductor.model.alert import NO_FIELDS, Alert
from opsconductor.model.aside import SetAside
from opsconductor.model.enums import HistoryAction, NotificationKind, Status
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.keys import AcknowledgedKeys, ReportedKey
from opsconductor.model.normalized import RawData
from opsconductor.model.notifications.delivery import DeliveryAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One row of `alert_history`.

    Attributes:
        rule: Its cause, an identifier of the engine (`fold.new`, `flap.start`) or an operator.
        changes: Field name to `[old, new]`; under `routing` the verdict of every rule.
    """

    id: UUID
    alert_id: UUID
    action: HistoryAction
    created_at: datetime
    rule: str
    old_status: Status | None = None
    new_status: Status | None = None
    user_id: UUID | None = None
    user_name: str | None = None
    notes: str | None = None
    changes: Mapping[str, object] = field(default_factory=lambda: NO_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationIntent:
    """One row of `notification_outbox`: a message to one recipient of one channel.

    Attributes:
        alert_id: Of a message about a maintenance window the id of the window.
        facts: JSON-ready facts of the alert at the time of the decision; templates see only
            these, so that a late retry sends what was true at that time.
    """

    id: UUID
    alert_id: UUID
    rule_id: UUID
    rule_name: str
    channel: str
    recipient: str
    kind: NotificationKind
    created_at: datetime
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineDocument:
    """State of the engine that belongs to no single alert: one row of `engine_state`.

    Attributes:
        kind: What it is about; the meaning of `key` and `document` depends on it.
        document: JSON-ready; None: the row is deleted.
    """

    kind: str
    key: str
    document: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedClear:
    """A clear without an open alert.

    Attributes:
        source_alert_id: The sender's id of the problem; empty: it has none.
        device: Address, or name if it has none.
    """

    source_system: str
    source_alert_id: str
    device: str
    alert_type: str
    resource: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that one step of the engine changed: final states, in no particular order.

    Attributes:
        created: Alerts that are new rows.
        updated: Alerts in which any column may have changed.
        repeated: Alerts in which only `occurrence_count`, `last_occurrence_at`, `expires_at`,
            `message` and raw data changed: the hot path of a storm.
        raw_data: By alert id: creates the latest raw data, if it is to be written.
        unmatched_clears: The clears without an open alert.
        folded: Number of normalized alerts in these changes.
        archive: The raw events behind these changes, as far as they are archived.
        aside: What could not be processed on the way to these changes.
        keys: Keys that recognize the messages behind these changes when they are sent again.
        reported: The same for keys that reporters chose.
        attempts: Deliveries of notifications of these or earlier changes, while the outbox was away.
        documents: State of the engine beside alerts, each kind and key once.
    """

    created: tuple[Alert, ...] = ()
    updated: tuple[Alert, ...] = ()
    repeated: tuple[Alert, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    notifications: tuple[NotificationIntent, ...] = ()
    triggered_rules: Mapping[UUID, datetime] = field(default_factory=dict)
    raw_data: Mapping[UUID, RawData] = field(default_factory=dict)
    unmatched_clears: tuple[UnmatchedClear, ...] = ()
    folded: int = 0
    archive: tuple[ArchivedEvent, ...] = ()
    aside: tuple[SetAside, ...] = ()
    keys: tuple[AcknowledgedKeys, ...] = ()
    reported: tuple[ReportedKey, ...] = ()
    attempts: tuple[DeliveryAttempt, ...] = ()
    documents: tuple[EngineDocument, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to write."""
        return not (
            self.created
            or self.updated
            or self.repeated
            or self.history
            or self.notifications
            or self.archive
            or self.aside
            or self.keys
            or self.reported
            or self.attempts
            or self.documents
        )

    def then(self, later: "Changes") -> "Changes":
        """Merge two steps of the engine, this one first: for each alert its last state."""
        return joined_changes((self, later))


_number = attrgetter("id.int")


class JoinedChanges:
    """Joins the changes of steps of the engine, in their order: for each alert its last state."""

    def __init__(self) -> None:
        # by the number of the id: a UUID is slow to hash
        self._created: dict[int, Alert] = {}
        self._updated: dict[int, Alert] = {}
        self._repeated: dict[int, Alert] = {}
        self._history: list[HistoryEntry] = []
        self._notifications: list[NotificationIntent] = []
        self._triggered_rules: dict[UUID, datetime] = {}
        self._raw_data: dict[UUID, RawData] = {}
        self._unmatched_clears: list[UnmatchedClear] = []
        self._folded = 0
        self._archive: list[ArchivedEvent] = []
        self._aside: list[SetAside] = []
        self._keys: list[AcknowledgedKeys] = []
        self._reported: list[ReportedKey] = []
        self._attempts: list[DeliveryAttempt] = []
        self._documents: dict[tuple[str, str], EngineDocument] = {}

    def add(self, step: Changes) -> None:
        """Add the changes of the next step."""
        created, updated, repeated = self._created, self._updated, self._repeated
        created.update(zip(map(_number, step.created), step.created, strict=True))
        for alert in step.updated:
            number = alert.id.int
            repeated.pop(number, None)
            (created if number in created else updated)[number] = alert
        for alert in step.repeated:
            number = alert.id.int
            known = created if number in created else updated if number in updated else repeated
            known[number] = alert
        self._history += step.history
        self._notifications += step.notifications
        self._triggered_rules.update(step.triggered_rules)
        self._raw_data.update(step.raw_data)
        self._unmatched_clears += step.unmatched_clears
        self._folded += step.folded
        self._archive += step.archive
        self._aside += step.aside
        self._keys += step.keys
        self._reported += step.reported
        self._attempts += step.attempts
        self._documents.update(((each.kind, each.key), each) for each in step.documents)

    def all(self) -> Changes:
        """Return the changes of all steps as those of one."""
        return Changes(
            created=tuple(self._created.values()),
            updated=tuple(self._updated.values()),
            repeated=tuple(self._repeated.values()),
            history=tuple(self._history),
            notifications=tuple(self._notifications),
            triggered_rules=self._triggered_rules,
            raw_data=self._raw_data,
            unmatched_clears=tuple(self._unmatched_clears),
            folded=self._folded,
            archive=tuple(self._archive),
            aside=tuple(self._aside),
            keys=tuple(self._keys),
            reported=tuple(self._reported),
            attempts=tuple(self._attempts),
            documents=tuple(self._documents.values()),
        )


def joined_changes(steps: Iterable[Changes]) -> Changes:
    """Join the changes of steps of the engine, in their order, into those of one."""
    whole = JoinedChanges()
    for step in steps:
        whole.add(step)
    return whole.all()
