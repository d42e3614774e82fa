"""What a message says about one fault, and how it becomes an alert in the standard form."""

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
    """What a message says about one fault.

    Attributes:
        device: Name or IP address; empty: it does not tell, and the connector's name stands for it.
        what: What is wrong, in the sender's words: `NodeFilesystemFull`.
        severity: `clear`: it is over.
        category: None: it does not tell.
        alias: The device's other name, or its address.
        at: When it happened by the sender's clock; None: it does not tell.
        id: The sender's own id, for people.
        problem_id: The sender's own id of the fault, the same in its repeats and its recovery; empty: it has
            none, and device, type and resource pair them.
        links: Where people can read more, by what is there; see `links_of`.
        is_test: The sender's test button was pressed: it is about no device.
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
    """What the reader of a format knows beside the message.

    Attributes:
        words: Configured words for severities, in lower case.
        received_at: When the message came in.
        zone: Of times without one; None: these are not believed.
    """

    config: WebhookInConfig
    words: Mapping[str, Severity]
    received_at: datetime
    zone: tzinfo | None


class Format(NamedTuple):
    """How the documents of one sender are read.

    Attributes:
        items: Takes the alerts out of a document; raises DecodeError `wrong_shape`.
        read: Reads one alert, given it and the whole document; raises NormalizeError.
    """

    items: Callable[[object], Sequence[object]]
    read: Callable[[object, object, Reading], SourceReport]


def links_of(links: Mapping[str, object]) -> Mapping[str, str]:
    """Keep what is a link to a web page; what else a sender writes there could harm who clicks on it."""
    return {name: told for name, link in links.items() if WEB_PAGE.match(told := text(link))}


def alert_of(
    told: SourceReport, item: object, raw: RawEvent, *, config: WebhookInConfig, is_cutting: bool
) -> NormalizedAlert:
    """Put what was told into the standard form.

    Args:
        item: What it was read from.
        is_cutting: It cuts the device off as a whole; where the sender's id makes the identity, the alert is
            then about the device itself.
    """
    category = told.category or config.category
    device = f"{raw.connector} (test)" if told.is_test else told.device or raw.connector
    over = told.severity is Severity.CLEAR
    by_address = is_address(device)
    return NormalizedAlert(
        source_system=raw.connector,
        source_alert_id=told.problem_id or told.id,
        has_problem_id=bool(told.problem_id),
        device_ip=device if by_address else None,
        device_name=None if by_address else device,
        device_aliases=_aliases(told.alias, device),
        alert_type=alert_type_of(category, told.what),
        category=category,
        severity=told.severity,
        resource="" if is_cutting and told.problem_id else told.resource,
        title=told.title or told.what,
        message=told.message,
        is_clear=over,
        is_cutting=is_cutting and not over,
        expires_after=told.expires_after or (None if over else config.expiry),
        occurred_at=told.at or raw.received_at,
        received_at=raw.received_at,
        tags=told.tags,
        custom_fields=told.links or None,
        acknowledged_by=told.acknowledged_by,
        raw_data=partial(_kept, item),
    )


def unreadable(reason: str, detail: str, connector: str) -> SourceReport:
    """Tell that one alert among others cannot be read; those with one reason are one alert."""
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
    """Report that the test button of a sender was pressed; it ends by itself."""
    return SourceReport(
        device="",
        what=f"{system} test",
        category=Category.APPLICATION,
        severity=Severity.CLEAR if over else Severity.INFO,
        title=f"Test from {system}: its alerts reach OpsConductor",
        message=message,
        expires_after=TEST_EXPIRES_AFTER,
        is_test=True,
    )


def left_out(amount: int, connector: str) -> SourceReport:
    """Report that a post had more alerts than are taken."""
    return SourceReport(
        device=connector,
        what="webhook_alerts_left_out",
        category=Category.APPLICATION,
        severity=Severity.MAJOR,
        title=f"{amount} alerts of a post to {connector} were not taken",
        message="The post had more alerts than max_alerts: what was left out is unknown here."
        " Raise max_alerts of the connector, or let the sender group by more labels.",
        expires_after=LEFT_OUT_EXPIRES_AFTER,
    )


def _aliases(alias: str, device: str) -> tuple[DeviceAlias, ...]:
    if not alias or alias == device:
        return ()
    return (DeviceAlias(kind="address" if is_address(alias) else "host", value=alias),)


def _kept(item: object) -> Mapping[str, object]:
    return item if isinstance(item, dict) else {"posted": item}
