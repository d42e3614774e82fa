"""Counts failed log-ins, so that nobody can try keys at leisure."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address

WINDOW_S = 60.0
ALLOWED = 10
"""Failures within the window after which the same credential from the same address must wait."""
ALLOWED_FROM_ADDRESS = 300
"""Failures within the window after which an address may try no more credentials. Generous: behind a proxy
everybody has one address. Those that were good lately pass all the same."""
REMEMBERED = 10_000
"""Pairs of address and credential, and addresses, that are kept; the oldest give way."""
GOOD_REMEMBERED = 1_000
SHOWN = 12
"""So much of a credential tells keys apart (`ops_` and the public prefix) without keeping secrets."""
HOST_BITS_V6 = 64
"""A single host has a whole IPv6 network of this size to choose addresses from."""


@dataclass(slots=True)
class _Count:
    since_s: float
    failures: int = 0


class FailedAttempts:
    """Failures by address and beginning of the credential, and by address alone.

    The first limit is low, since a forgotten script with an old key must not lock out everybody else
    behind its proxy. The second is high and holds against ever new credentials.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._addresses: OrderedDict[str, _Count] = OrderedDict()
        self._good: OrderedDict[bytes, None] = OrderedDict()

    def wait(self, address: str, credential: str, now_s: float) -> float:
        """Say for how many seconds this credential is not looked at; 0 when it may be tried."""
        failures = self._failures.get((address, credential[:SHOWN]))
        if failures is not None and len(failures) == ALLOWED and failures[0] + WINDOW_S > now_s:
            return failures[0] + WINDOW_S - now_s
        count = self._addresses.get(network_of(address))
        if count is None or count.failures < ALLOWED_FROM_ADDRESS or _digest(credential) in self._good:
            return 0.0
        return max(0.0, count.since_s + WINDOW_S - now_s)

    def add(self, address: str, credential: str, now_s: float) -> None:
        """Note a failure."""
        key = (address, credential[:SHOWN])
        self._failures.setdefault(key, deque(maxlen=ALLOWED)).append(now_s)
        self._failures.move_to_end(key)
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)
        self._count(network_of(address), now_s)

    def good(self, credential: str) -> None:
        """Note a success: failures of others at the same address do not keep this credential out."""
        digest = _digest(credential)
        self._good[digest] = None
        self._good.move_to_end(digest)
        if len(self._good) > GOOD_REMEMBERED:
            self._good.popitem(last=False)

    def _count(self, network: str, now_s: float) -> None:
        count = self._addresses.get(network)
        if count is None or now_s - count.since_s >= WINDOW_S:
            count = self._addresses[network] = _Count(now_s)
        count.failures += 1
        self._addresses.move_to_end(network)
        if len(self._addresses) > REMEMBERED:
            self._addresses.popitem(last=False)


def network_of(address: str) -> str:
    """Name what one client can send from: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> HOST_BITS_V6 << HOST_BITS_V6))
    return str(found)


def _digest(credential: str) -> bytes:
    return blake2b(credential.encode(errors="replace"), digest_size=16).digest()
