"""Alert for an unreachable broker, cleared when it is reachable again."""

import json
from ipaddress import ip_address

from opsconductor.connector.remember import remembered
from opsconductor.errors import DecodeError
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot

BROKER_KEY = b'{"broker":'
"""Prefix of the document about a broker."""
NOT_A_BROKER = "not_a_document"
"""Reason of DecodeError: the archived event was not written by this connector."""

MOST_NAMES = 10_000
"""Device names cached as not being addresses."""


def reachability_of(connector: str) -> str:
    """Return the scope of the alert for an unreachable broker."""
    return f"{connector}/reachability"


def write_broker(host: str, failure: str) -> bytes:
    """Return the document.

    Args:
        failure: Why it cannot be reached; empty: it can.
    """
    return json.dumps({"broker": host, "failure": failure}, separators=(",", ":")).encode()


@remembered(MOST_NAMES)
def address_of(device: str) -> str | None:
    """Return an address; None: the text is a name."""
    try:
        return str(ip_address(device))
    except ValueError:
        return None


def snapshot_of(raw: RawEvent) -> Snapshot:
    """Return the reports about the broker; raises DecodeError."""
    try:
        content = json.loads(raw.payload)
        host, failure = str(content["broker"]), str(content["failure"])
    except (KeyError, TypeError, ValueError) as error:
        raise DecodeError(NOT_A_BROKER, str(error)[:100]) from None
    alert = NormalizedAlert(
        source_system=raw.connector,
        alert_type="application_mqtt_broker_unreachable",
        category=Category.APPLICATION,
        severity=Severity.MAJOR,
        title=f"MQTT broker {host} cannot be reached",
        message=f"{failure}\nThe state of its devices is unknown meanwhile.",
        occurred_at=raw.received_at,
        received_at=raw.received_at,
        device_ip=address_of(host),
        device_name=None if address_of(host) else host,
        resource=f"connector={raw.connector}",
        raw_data=lambda: {"broker": host, "failure": failure},
    )
    return Snapshot(
        scope=reachability_of(raw.connector), alerts=(alert,) if failure else (), taken_at=raw.received_at
    )
