"""Counters of failed log-ins that limit the cost of wrong keys and never lock a right key out."""

from collections import deque
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address

from opsconductor.limits import BoundedMap

WINDOW_S = 60.0
ALLOWED = 10
"""Failures within the window after which the same credential from the same address is not looked up."""
ALLOWED_FROM_ADDRESS = 300
"""Failures within the window after which unknown credentials of an address are looked up one at a time.
Behind a proxy all clients may share one address, so a right key among them still passes.
"""
REMEMBERED = 10_000
"""Maximum number of (address, credential) pairs and of addresses kept; the oldest are evicted."""
GOOD_REMEMBERED = 1_000
HOST_BITS_V6 = 64
"""Prefix length of an IPv6 network from which a single host can choose addresses."""


@dataclass(slots=True)
class _Count:
    since_s: float
    failures: int = 0


class FailedAttempts:
    """Failures by address and credential, and by address alone.

    The first limit rejects: a credential that was wrong ten times stays wrong. The second only slows down,
    since the next credential may be a right one.
    """

    def __init__(self) -> None:
        self._failures: BoundedMap[tuple[str, bytes], deque[float]] = BoundedMap(REMEMBERED)
        self._addresses: BoundedMap[str, _Count] = BoundedMap(REMEMBERED)
        self._good: BoundedMap[bytes, None] = BoundedMap(GOOD_REMEMBERED)

    def wait(self, address: str, credential: str, now_s: float) -> float:
        """Return the seconds for which this credential is rejected without a look-up; 0: look it up."""
        failures = self._failures.get((network_of(address), _digest(credential)))
        if failures is None or len(failures) < ALLOWED:
            return 0.0
        return max(0.0, failures[0] + WINDOW_S - now_s)

    def delay(self, address: str, credential: str, now_s: float) -> float:
        """Return the seconds for which this credential is still looked up one at a time; 0: not limited.

        A credential that was valid recently is never limited.
        """
        count = self._addresses.get(network_of(address))
        if count is None or count.failures < ALLOWED_FROM_ADDRESS or _digest(credential) in self._good:
            return 0.0
        return max(0.0, count.since_s + WINDOW_S - now_s)

    def add(self, address: str, credential: str, now_s: float) -> None:
        """Record a failure."""
        network, digest = network_of(address), _digest(credential)
        self._good.pop(digest, None)
        key = (network, digest)
        failures = self._failures[key] = self._failures.get(key) or deque(maxlen=ALLOWED)
        failures.append(now_s)
        self._count(network, now_s)

    def good(self, credential: str) -> None:
        """Record a success: failures of others at the same address do not delay this credential."""
        self._good[_digest(credential)] = None

    def _count(self, network: str, now_s: float) -> None:
        count = self._addresses.get(network)
        if count is None or now_s - count.since_s >= WINDOW_S:
            count = _Count(now_s)
        count.failures += 1
        self._addresses[network] = count


def network_of(address: str) -> str:
    """Return the network one client can send from: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> HOST_BITS_V6 << HOST_BITS_V6))
    return str(found)


def _digest(credential: str) -> bytes:
    return blake2b(credential.encode(errors="replace"), digest_size=16).digest()
