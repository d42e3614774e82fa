"""Process that delivers one message with Apprise, and connects only to permitted addresses.

Apprise brings more than a hundred clients, each with a library of its own. So each message has a process in
which the interpreter reports every connection before it is made (`socket.connect` of PEP 578).
"""

import importlib
import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from types import ModuleType
from typing import Any, Protocol

from opsconductor.connector.destinations import Destinations

CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
MISSING, UNKNOWN, UNDELIVERED, DELIVERED, REFUSED = (
    "missing",
    "unknown",
    "undelivered",
    "delivered",
    "refused",
)


class AppriseSender(Protocol):
    """What is used of Apprise's class `Apprise`."""

    def add(self, url: str, /) -> bool:
        """Add a receiver; return False if the URL is unknown."""

    def notify(self, **message: str) -> bool:
        """Send a message; return True if it was delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Audit hook that refuses connections, and keeps the reasons."""

    destinations: Destinations
    reasons: list[str]

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """Raise PermissionError for a connection to an address that is refused."""
        address = arguments[-1] if event in CONNECTING and arguments else None
        if not isinstance(address, tuple) or len(address) < 2:  # noqa: PLR2004 - Unix sockets have no port
            return
        for numeric in _numeric(str(address[0])):
            if reason := self.destinations.why_refused(numeric):
                self.reasons.append(reason)
                raise PermissionError(reason)


def deliver(url: str, message: Mapping[str, str] | None, destinations: Destinations) -> dict[str, str]:
    """Deliver a message; return the outcome, and why if it is `refused`.

    Args:
        url: Of the receiver, in the form of Apprise.
        message: Arguments of `Apprise.notify`; None: only look whether the URL is known.
        destinations: The addresses that may be connected to.
    """
    try:
        library: ModuleType = importlib.import_module("apprise")
    except ImportError:
        return {"outcome": MISSING}
    sender: AppriseSender = library.Apprise()
    if not sender.add(url):
        return {"outcome": UNKNOWN}
    reasons: list[str] = []
    sys.addaudithook(Guard(destinations=destinations, reasons=reasons))
    if message is None or sender.notify(**message):
        return {"outcome": DELIVERED}
    return {"outcome": REFUSED, "reason": reasons[0]} if reasons else {"outcome": UNDELIVERED}


def request_of(url: str, message: Mapping[str, str] | None, destinations: Destinations) -> bytes:
    """Return what the process reads; it has secrets, so no argument of the command has them."""
    named = {
        "is_private_allowed": destinations.is_private_allowed,
        "allowed": [str(network) for network in destinations.allowed],
        "refused": [str(network) for network in destinations.refused],
    }
    return json.dumps({"url": url, "message": message, "destinations": named}).encode("ascii")


def _networks(named: Mapping[str, Any]) -> dict[str, Any]:
    lists = {key: tuple(map(ip_network, named[key])) for key in ("allowed", "refused")}
    return {**named, **lists}


def _numeric(host: str) -> tuple[str, ...]:
    """Return the addresses of a host, if a library leaves the look-up to the system."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return ()
    return tuple({str(info[4][0]) for info in found})


if __name__ == "__main__":
    given = json.loads(sys.stdin.buffer.read())
    answer = json.dumps(
        deliver(given["url"], given["message"], Destinations(**_networks(given["destinations"])))
    )
    sys.stdout.write(f"\n{answer}\n")
