"""Limits of attempts to log in with a password, by name, by address and by both; never reads a clock."""

from dataclasses import dataclass
from hashlib import blake2b

from opsconductor.api.auth.attempts import network_of
from opsconductor.limits import BoundedMap

WINDOW_S = 300.0
ALLOWED_OF_PAIR = 10
"""Failures within the window after which a name is refused from an address."""
ALLOWED_OF_ADDRESS = 100
"""Failures within the window after which an address is refused."""
ALLOWED_OF_NAME = 50
"""Failures within the window, from all addresses, after which a name is refused."""
REMEMBERED = 10_000
"""Maximum number of counters of each kind, and of pairs that were right; the oldest are evicted."""

Pair = tuple[str, bytes]


@dataclass(slots=True)
class _Failures:
    since_s: float
    amount: int = 0


class LoginThrottle:
    """Failed attempts to log in.

    A name that has logged in from an address is refused there only for failures of this pair: failures of
    others neither lock its user out nor slow them down.
    """

    def __init__(self) -> None:
        self._pairs: BoundedMap[Pair, _Failures] = BoundedMap(REMEMBERED)
        self._addresses: BoundedMap[str, _Failures] = BoundedMap(REMEMBERED)
        self._names: BoundedMap[bytes, _Failures] = BoundedMap(REMEMBERED)
        self._good: BoundedMap[Pair, None] = BoundedMap(REMEMBERED)

    def wait(self, address: str, name: str, now_s: float) -> float:
        """Return the seconds for which this name is refused from this address; 0: it may be tried."""
        pair = _pair(address, name)
        waits = [_wait(self._pairs.get(pair), ALLOWED_OF_PAIR, now_s)]
        if pair not in self._good:
            waits.append(_wait(self._addresses.get(pair[0]), ALLOWED_OF_ADDRESS, now_s))
            waits.append(_wait(self._names.get(pair[1]), ALLOWED_OF_NAME, now_s))
        return max(waits)

    def failed(self, address: str, name: str, now_s: float) -> None:
        """Record a failure."""
        pair = _pair(address, name)
        self._pairs[pair] = _more(self._pairs.get(pair), now_s)
        self._addresses[pair[0]] = _more(self._addresses.get(pair[0]), now_s)
        self._names[pair[1]] = _more(self._names.get(pair[1]), now_s)

    def succeeded(self, address: str, name: str) -> None:
        """Record that a user has logged in."""
        pair = _pair(address, name)
        self._pairs.pop(pair, None)
        self._good[pair] = None


def _pair(address: str, name: str) -> Pair:
    return network_of(address), blake2b(name.lower().encode(errors="replace"), digest_size=16).digest()


def _more(found: _Failures | None, now_s: float) -> _Failures:
    if found is None or now_s - found.since_s >= WINDOW_S:
        found = _Failures(now_s)
    found.amount += 1
    return found


def _wait(found: _Failures | None, allowed: int, now_s: float) -> float:
    if found is None or found.amount < allowed:
        return 0.0
    return max(0.0, found.since_s + WINDOW_S - now_s)
