"""A broker that is away is an alert itself, and one that is back ends it."""

import json
from ipaddress import ip_address

from opsconductor.connector.remember import remembered
from opsconductor.errors import DecodeError
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot

BROKER_KEY = b'{"broker":'
"""How the document about a broker begins."""
NOT_A_BROKER = "not_a_document"
"""Reason of DecodeError: the archive holds something that we never wrote."""

MOST_NAMES = 10_000
"""Names of devices that are remembered to be none of addresses."""


def reachability_of(connector: str) -> str:
    """Name the scope of the alert that the broker cannot be reached."""
    return f"{connector}/reachability"


def write_broker(host: str, failure: str) -> bytes:
    """Write the document.

    Args:
        failure: Why it cannot be reached; empty: it can.
    """
    return json.dumps({"broker": host, "failure": failure}, separators=(",", ":")).encode()


@remembered(MOST_NAMES)
def address_of(device: str) -> str | None:
    """Read an address; None: it is a name."""
    try:
        return str(ip_address(device))
    except ValueError:
        return None


def snapshot_of(raw: RawEvent) -> Snapshot:
    """List what is wrong with the broker; raises DecodeError."""
    try:
        told = json.loads(raw.payload)
        host, failure = str(told["broker"]), str(told["failure"])
    except (KeyError, TypeError, ValueError) as error:
        raise DecodeError(NOT_A_BROKER, str(error)[:100]) from None
    alert = NormalizedAlert(
        source_system=raw.connector,
        alert_type="application_mqtt_broker_unreachable",
        category=Category.APPLICATION,
        severity=Severity.MAJOR,
        title=f"MQTT broker {host} cannot be reached",
        message=f"{failure}\nWhat its devices report is unknown meanwhile.",
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
