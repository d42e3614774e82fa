"""A sender's report of one fault, and its conversion to a normalized alert."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from connectors.webhook_in.config import WebhookInConfig
from connectors.webhook_in.fields import is_address, text
from connectors.webhook_in.words import alert_type_of
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import DeviceAlias, NormalizedAlert

WEB_PAGE = re.compile(r"https?://[^\s/]")
UNREADABLE_EXPIRES_AFTER = timedelta(days=1)
TEST_EXPIRES_AFTER = timedelta(minutes=10)
LEFT_OUT_EXPIRES_AFTER = timedelta(hours=6)
NO_LINKS: Mapping[str, str] = MappingProxyType({})


class SourceReport(NamedTuple):
    """A sender's report of one fault.

    Attributes:
        device: Name or IP address; empty: unknown, the connector's name is used instead.
        what: Name of the problem in the sender's words: `NodeFilesystemFull`.
        severity: `clear`: it is over.
        category: None: unknown.
        alias: The device's other name, or its address.
        at: When it happened by the sender's clock; None: unknown.
        id: The sender's own id, for display.
        problem_id: The sender's own id of the fault, the same in its repeats and its recovery; empty: it has
            none, and device, type and resource pair them.
        links: Web pages with details, by name; see `links_of`.
        is_test: A post of the sender's test button: it is about no device.
    """

    device: str
    what: str
    severity: Severity
    title: str
    category: Category | None = None
    resource: str = ""
    message: str = ""
    alias: str = ""
    at: datetime | None = None
    id: str = ""
    problem_id: str = ""
    tags: tuple[str, ...] = ()
    links: Mapping[str, str] = NO_LINKS
    acknowledged_by: str | None = None
    expires_after: timedelta | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Context of a message for the reader of a format.

    Attributes:
        words: Configured words for severities, in lower case.
        received: Returns the time of receipt, if the meaning of the message depends on it.
        zone: Of times without one; None: such times are ignored.
    """

    config: WebhookInConfig
    words: Mapping[str, Severity]
    received: Callable[[], datetime]
    zone: tzinfo | None


class Format(NamedTuple):
    """Reader for the documents of one sender.

    Attributes:
        items: Returns the alerts of a document; raises DecodeError `wrong_shape`.
        read: Returns the report of one alert from it and the whole document; raises NormalizeError.
    """

    items: Callable[[object], Sequence[object]]
    read: Callable[[object, object, Reading], SourceReport]


def links_of(links: Mapping[str, object]) -> Mapping[str, str]:
    """Return only links to web pages; other URLs could harm the user who clicks on them."""
    return {name: url for name, link in links.items() if WEB_PAGE.match(url := text(link))}


def alert_of(
    report: SourceReport, item: object, raw: RawEvent, *, config: WebhookInConfig, is_cutting: bool
) -> NormalizedAlert:
    """Return the normalized alert of a report.

    Args:
        item: The alert's document.
        is_cutting: It cuts the whole device; if the sender's id is the identity, the alert is
            then about the device itself.
    """
    category = report.category or config.category
    device = f"{raw.connector} (test)" if report.is_test else report.device or raw.connector
    over = report.severity is Severity.CLEAR
    by_address = is_address(device)
    return NormalizedAlert(
        source_system=raw.connector,
        source_alert_id=report.problem_id or report.id,
        has_problem_id=bool(report.problem_id),
        device_ip=device if by_address else None,
        device_name=None if by_address else device,
        device_aliases=_aliases(report.alias, device),
        alert_type=alert_type_of(category, report.what),
        category=category,
        severity=report.severity,
        resource="" if is_cutting and report.problem_id else report.resource,
        title=report.title or report.what,
        message=report.message,
        is_clear=over,
        is_cutting=is_cutting and not over,
        expires_after=report.expires_after or (None if over else config.expiry),
        occurred_at=report.at or raw.received_at,
        received_at=raw.received_at,
        tags=report.tags,
        custom_fields=report.links or None,
        acknowledged_by=report.acknowledged_by,
        raw_data=partial(_kept, item),
    )


def unreadable(reason: str, detail: str, connector: str) -> SourceReport:
    """Report that one alert among others cannot be read; those with the same reason are one alert."""
    return SourceReport(
        device=connector,
        what="webhook_unreadable",
        category=Category.UNKNOWN,
        severity=Severity.WARNING,
        resource=reason,
        title=f"An alert posted to {connector} cannot be read: {reason}",
        message=detail,
        expires_after=UNREADABLE_EXPIRES_AFTER,
    )


def trial_of(system: str, *, over: bool = False, message: str = "") -> SourceReport:
    """Report a post of a sender's test button; the alert clears by itself."""
    return SourceReport(
        device="",
        what=f"{system} test",
        category=Category.APPLICATION,
        severity=Severity.CLEAR if over else Severity.INFO,
        title=f"Test from {system}: its alerts arrive",
        message=message,
        expires_after=TEST_EXPIRES_AFTER,
        is_test=True,
    )


def left_out(amount: int, connector: str) -> SourceReport:
    """Report that a post had more alerts than accepted."""
    return SourceReport(
        device=connector,
        what="webhook_alerts_left_out",
        category=Category.APPLICATION,
        severity=Severity.MAJOR,
        title=f"{amount} alerts of a post to {connector} were not accepted",
        message="The post had more alerts than max_alerts; the rest was dropped."
        " Raise max_alerts of the connector, or let the sender group by more labels.",
        expires_after=LEFT_OUT_EXPIRES_AFTER,
    )


def _aliases(alias: str, device: str) -> tuple[DeviceAlias, ...]:
    if not alias or alias == device:
        return ()
    return (DeviceAlias(kind="address" if is_address(alias) else "host", value=alias),)


def _kept(item: object) -> Mapping[str, object]:
    return item if isinstance(item, dict) else {"posted": item}
