"""What can be wrong with the daemon itself, and the alert for it; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from opsconductor.connector.rejection import Rejection
from opsconductor.connector.settings.duration import format_duration
from opsconductor.model.aside import AsideKind
from opsconductor.model.enums import ConnectorStatus, Severity
from opsconductor.model.text import without_placeholders
from opsconductor.selfcheck.watch.loss_texts import LOSSES
from opsconductor.selfcheck.watch.undelivered import GIVEN_UP, text_of
from opsconductor.store.aside import AsideSum
from opsconductor.store.notifications.undelivered import Undelivered

SOURCE_SYSTEM = "opsconductor"
"""Name of the built-in source, reserved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong with the daemon now.

    Attributes:
        resource: `connector=snmp_trap`, `device=10.0.0.1`; empty: the daemon as a whole.
    """

    alert_type: str
    severity: Severity
    title: str
    message: str
    resource: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A loss that continues, or did until a moment ago.

    Attributes:
        kind: `kernel_drop`, `failed`, `gap`, ...
    """

    kind: str
    connector: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A source or device from which nothing has come for longer than expected."""

    what: str
    name: str
    lasts: timedelta
    expected: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolFacts:
    """Fill level of the spool.

    Attributes:
        refusal: Why it does not accept what PostgreSQL does not accept either; empty: it does.
        rejected: Number of batches that PostgreSQL rejected; they stay in the spool's folder.
        lost: Number of acknowledged batches that are missing, until the notes are deleted.
        lost_reports: Number of reports in these.
    """

    entries: int
    bytes: int
    limit_bytes: int
    age: timedelta
    refusal: str = ""
    rejected: int = 0
    lost: int = 0
    lost_reports: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that self-monitoring evaluates at one moment.

    Attributes:
        unclean: Seconds not counted after a run that ended without shutdown; 0: it stopped in order.
        canary: Why the last canary is lost; empty: it is not.
        retention_waits_for: Why old rows are not deleted; empty: nothing prevents it.
        faults: What is wrong with the configuration, one line each.
        rejected: What connectors reject repeatedly.
        engine_failure: Why the engine keeps failing; empty: it works.
        asides: What was recently set aside.
        undelivered: Notifications that were given up, by channel.
    """

    is_database_away: bool
    spool: SpoolFacts | None
    connectors: Mapping[str, tuple[ConnectorStatus, str | None]]
    losses: Sequence[Loss]
    silences: Sequence[Silence]
    unclean: int = 0
    canary: str = ""
    engine_failure: str = ""
    asides: Sequence[AsideSum] = ()
    retention_waits_for: str = ""
    faults: Sequence[str] = ()
    rejected: Sequence[Rejection] = ()
    undelivered: Sequence[Undelivered] = ()


UNWELL = {
    ConnectorStatus.ERROR: ("application_connector_down", Severity.MAJOR, "Connector Is Down"),
    ConnectorStatus.DEGRADED: ("application_connector_degraded", Severity.MINOR, "Connector Is Degraded"),
}
"""Titles have placeholders in braces; names from the network must not."""

MOST_FAULTS = 10
FAULTY = (
    "What is declared is not in force ({amount} faults); what was in force before still is. "
    "Correct it, then: opsconductor reload"
)
SPOOL_LATE = timedelta(minutes=1)
SPOOL_FULL = 0.8


def troubles_of(facts: Facts) -> list[Trouble]:
    """Return what is wrong, in no particular order, without duplicates."""
    return [
        *_database(facts),
        *_spool(facts.spool),
        *_connectors(facts.connectors),
        *(_loss(loss) for loss in facts.losses),
        *(_silence(silence) for silence in facts.silences),
        *_configuration(facts.faults),
        *(_rejection(each) for each in facts.rejected),
        *(_aside(aside) for aside in facts.asides if aside.kind is not AsideKind.EVENT),
        *(_undelivered(each) for each in facts.undelivered),
        *_others(facts),
    ]


def _database(facts: Facts) -> Iterable[Trouble]:
    if facts.is_database_away:
        yield Trouble(
            alert_type="application_database_away",
            severity=Severity.CRITICAL,
            title="Database Is Away - {device_name}",
            message="PostgreSQL does not have the newest state; changes and notifications are in the spool.",
        )


def _aside(aside: AsideSum) -> Trouble:
    return Trouble(
        alert_type="application_set_aside",
        severity=Severity.MAJOR,
        title=f"{aside.kind.capitalize()}s Set Aside - {aside.origin or '{device_name}'}",
        message=f"{aside.amount} could not be processed and were set aside, the latest: {aside.subject}: "
        f"{aside.reason}. opsconductor doctor shows more. Please report it: it is a fault of OpsConductor.",
        resource=f"{aside.kind}={aside.origin}",
    )


def _spool(spool: SpoolFacts | None) -> Iterable[Trouble]:
    if spool is not None and spool.rejected:
        yield Trouble(
            alert_type="application_spool_rejected",
            severity=Severity.MAJOR,
            title="Spooled Changes Rejected - {device_name}",
            message=f"PostgreSQL rejected {spool.rejected} batches of changes from the spool permanently. "
            "They stay in spool/rejected in the data directory.",
        )
    if spool is not None and spool.lost:
        yield Trouble(
            alert_type="application_spool_damaged",
            severity=Severity.CRITICAL,
            title="Acknowledged Changes Are Lost - {device_name}",
            message=f"Files of the spool are damaged: {spool.lost} batches with {spool.lost_reports} reports "
            "of faults that were acknowledged are missing, the rest is used. Check the disk, ask the devices "
            "for their state, and delete spool/lost-*.json in the data directory.",
        )
    if spool is None or not spool.entries:
        return
    share = spool.bytes / spool.limit_bytes
    if share < SPOOL_FULL and spool.age < SPOOL_LATE:
        return
    yield Trouble(
        alert_type="application_spool_in_use",
        severity=Severity.CRITICAL if share >= SPOOL_FULL else Severity.WARNING,
        title="Spool Is In Use - {device_name}",
        message=f"{spool.entries} batches of changes ({share:.0%} of the limit) wait for PostgreSQL since "
        f"{_length(spool.age)}. When the spool is full, senders get no acknowledgement any more.",
    )


def _connectors(connectors: Mapping[str, tuple[ConnectorStatus, str | None]]) -> Iterable[Trouble]:
    for name, (status, error) in connectors.items():
        if status in UNWELL:
            kind, severity, text = UNWELL[status]
            words = {"title": f"{text} - {name}", "message": error or "", "resource": f"connector={name}"}
            yield Trouble(alert_type=kind, severity=severity, **words)


def _loss(loss: Loss) -> Trouble:
    alert_type, severity, title, message = LOSSES[loss.kind]
    return Trouble(
        alert_type=alert_type,
        severity=severity,
        title=title.format(connector=loss.connector),
        message=message.format(amount=loss.amount),
        resource=f"connector={loss.connector}",
    )


def _silence(silence: Silence) -> Trouble:
    return Trouble(
        alert_type=f"application_{'device' if silence.what == 'device' else 'source'}_silent",
        severity=Severity.MAJOR,
        title=f"Nothing Received - {silence.name}",
        message=f"Nothing was received from {silence.what} {silence.name} for {_length(silence.lasts)}, "
        f"expected is a message every {_length(silence.expected)}.",
        resource=f"{silence.what}={silence.name}",
    )


def _configuration(faults: Sequence[str]) -> Iterable[Trouble]:
    if faults:
        shown = [*faults[:MOST_FAULTS], *(["..."] if len(faults) > MOST_FAULTS else [])]
        yield Trouble(
            alert_type="application_configuration_faulty",
            severity=Severity.MAJOR,
            title="Configuration Has Faults - {device_name}",
            message="\n".join([FAULTY.format(amount=len(faults)), *shown]),
        )


def _rejection(rejection: Rejection) -> Trouble:
    sender = without_placeholders(rejection.sender)
    return Trouble(
        alert_type="application_messages_rejected",
        severity=Severity.WARNING,
        title=f"Messages Rejected - {sender}",
        message=f"{rejection.connector} has rejected {rejection.count:,} messages of {rejection.sender}: "
        f"{rejection.explanation}. Remedy: {rejection.remedy}.",
        resource=f"connector={rejection.connector} sender={sender} reason={rejection.reason}",
    )


def _undelivered(undelivered: Undelivered) -> Trouble:
    return Trouble(
        alert_type=GIVEN_UP,
        severity=Severity.MAJOR,
        title=f"Notifications Given Up - {undelivered.channel}",
        message=text_of(undelivered),
        resource=f"channel={undelivered.channel}",
    )


def _others(facts: Facts) -> Iterable[Trouble]:
    if facts.engine_failure:
        yield Trouble(
            alert_type="application_engine_failing",
            severity=Severity.CRITICAL,
            title="Engine Keeps Failing - {device_name}",
            message=f"Nothing is processed or notified while this lasts: {facts.engine_failure}",
        )
    if facts.unclean:
        yield Trouble(
            alert_type="application_unclean_stop",
            severity=Severity.MAJOR,
            title="OpsConductor Ended Without Shutdown - {device_name}",
            message=f"The previous run did not shut down. What was received during {facts.unclean} s is not "
            "counted; what was not acknowledged by then is lost unless its sender repeats it.",
        )
    if facts.canary:
        yield Trouble(
            alert_type="application_canary_lost",
            severity=Severity.CRITICAL,
            title="Canary Lost - {device_name}",
            message=f"A test trap did not get through to its channel: {facts.canary}",
        )
    if facts.retention_waits_for:
        yield Trouble(
            alert_type="application_retention_waits",
            severity=Severity.WARNING,
            title="Retention Waits - {device_name}",
            message=f"Old rows are not deleted: {facts.retention_waits_for}.",
        )


def _length(length: timedelta) -> str:
    return format_duration(timedelta(seconds=int(length.total_seconds())))
