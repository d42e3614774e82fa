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
NO_LINKS: Mapping[str, str] = MappingProxyType({})


class Told(NamedTuple):
    """What a message says about one fault.

    Attributes:
        device: Name or IP address; empty: it does not tell, and the connector's name stands for it.
        what: What is wrong, in the sender's words: `NodeFilesystemFull`.
        severity: `clear`: it is over.
        category: None: it does not tell.
        alias: The device's other name, or its address.
        at: When it happened by the sender's clock; None: it does not tell.
        id: The sender's own id of the fault.
        links: Where people can read more, by what is there; see `links_of`.
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
    tags: tuple[str, ...] = ()
    links: Mapping[str, str] = NO_LINKS
    acknowledged_by: str | None = None
    is_cutting: bool = False
    expires_after: timedelta | None = None


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
    read: Callable[[object, object, Reading], Told]


def links_of(links: Mapping[str, object]) -> Mapping[str, str]:
    """Keep what is a link to a web page; what else a sender writes there could harm who clicks on it."""
    return {name: told for name, link in links.items() if WEB_PAGE.match(told := text(link))}


def alert_of(told: Told, item: object, raw: RawEvent, otherwise: Category) -> NormalizedAlert:
    """Put what was told into the standard form.

    Args:
        item: What it was read from.
        otherwise: The category of what tells none.
    """
    category = told.category or otherwise
    device = told.device or raw.connector
    by_address = is_address(device)
    return NormalizedAlert(
        source_system=raw.connector,
        source_alert_id=told.id,
        device_ip=device if by_address else None,
        device_name=None if by_address else device,
        device_aliases=_aliases(told.alias, device),
        alert_type=alert_type_of(category, told.what),
        category=category,
        severity=told.severity,
        resource=told.resource,
        title=told.title or told.what,
        message=told.message,
        is_clear=told.severity is Severity.CLEAR,
        is_cutting=told.is_cutting,
        expires_after=told.expires_after,
        occurred_at=told.at or raw.received_at,
        received_at=raw.received_at,
        tags=told.tags,
        custom_fields=told.links or None,
        acknowledged_by=told.acknowledged_by,
        raw_data=partial(_kept, item),
    )


def unreadable(reason: str, detail: str, connector: str) -> Told:
    """Tell that one alert among others cannot be read; those with one reason are one alert."""
    return Told(
        device=connector,
        what="webhook_unreadable",
        category=Category.UNKNOWN,
        severity=Severity.WARNING,
        resource=reason,
        title=f"An alert posted to {connector} cannot be read: {reason}",
        message=detail,
        expires_after=UNREADABLE_EXPIRES_AFTER,
    )


def _aliases(alias: str, device: str) -> tuple[DeviceAlias, ...]:
    if not alias or alias == device:
        return ()
    return (DeviceAlias(kind="address" if is_address(alias) else "host", value=alias),)


def _kept(item: object) -> Mapping[str, object]:
    return item if isinstance(item, dict) else {"posted": item}
