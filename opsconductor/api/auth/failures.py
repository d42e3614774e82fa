"""Rate limit for log entries about failed log-ins, so that they cannot fill log and disk."""

from dataclasses import dataclass

from opsconductor.api.auth.attempts import network_of
from opsconductor.limits import BoundedMap

PERIOD_S = 60.0
MOST_A_PERIOD = 60
"""Failures logged per period, over all addresses."""
REMEMBERED = 1_000


@dataclass(slots=True)
class _Failures:
    logged_s: float
    unlogged: int = 0


class FailureNotes:
    """Logs the first failure of an address, then at most one summary a minute."""

    def __init__(self) -> None:
        self._known: BoundedMap[str, _Failures] = BoundedMap(REMEMBERED)
        self._period_s = 0.0
        self._logged = 0

    def due(self, address: str, now_s: float) -> int:
        """Count a failure and return how many to log now, this one included; 0: none yet."""
        if now_s - self._period_s >= PERIOD_S:
            self._period_s, self._logged = now_s, 0
        known = self._remember(network_of(address), now_s)
        known.unlogged += 1
        if now_s - known.logged_s < PERIOD_S or self._logged >= MOST_A_PERIOD:
            return 0
        self._logged += 1
        amount, known.unlogged, known.logged_s = known.unlogged, 0, now_s
        return amount

    def _remember(self, network: str, now_s: float) -> _Failures:
        known = self._known.use(network)
        if known is None:
            known = self._known[network] = _Failures(now_s - PERIOD_S)
        return known
