"""Counts failed log-ins, so that nobody can try keys at leisure."""

from collections import OrderedDict, deque

WINDOW_S = 60.0
ALLOWED = 10
"""Failures within the window after which the same credential from the same address must wait."""
REMEMBERED = 10_000
"""Pairs of address and credential that are kept; the oldest give way."""
SHOWN = 12
"""So much of a credential tells keys apart (`ops_` and the public prefix) without keeping secrets."""


class FailedAttempts:
    """Failures by address and beginning of the credential.

    Not by address alone: behind a proxy or on one host, a forgotten script with an old key would
    lock out everybody else there.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def wait(self, address: str, credential: str, now_s: float) -> float:
        """Say for how many seconds this credential is not looked at; 0 when it may be tried."""
        failures = self._failures.get((address, credential[:SHOWN]))
        if failures is None or len(failures) < ALLOWED:
            return 0.0
        return max(0.0, failures[0] + WINDOW_S - now_s)

    def add(self, address: str, credential: str, now_s: float) -> None:
        """Note a failure."""
        key = (address, credential[:SHOWN])
        self._failures.setdefault(key, deque(maxlen=ALLOWED)).append(now_s)
        self._failures.move_to_end(key)
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)
