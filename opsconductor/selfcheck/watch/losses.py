"""Detection of continuing losses from monotonic counters; pure but for its memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from opsconductor.ledger.equations import Gap, LedgerEntry
from opsconductor.selfcheck.watch.loss_texts import LOSSES
from opsconductor.selfcheck.watch.trouble import Loss

What = tuple[str, str]
"""Kind of loss and connector."""


@dataclass(slots=True)
class _Lasting:
    amount: int
    last_s: float


class Losses:
    """Watches counters; a loss lasts from its first growth until nothing was added for `quiet_s`."""

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._seen: dict[What, int] = {}
        self._lasting: dict[What, _Lasting] = {}

    def look(self, counters: Mapping[What, int], now_s: float) -> Sequence[Loss]:
        """Update the counters; return the losses that last, with their amounts."""
        for what, count in counters.items():
            # a gap may be negative: what was counted twice is as wrong as what is missing
            growth = abs(count - self._seen.get(what, 0))
            self._seen[what] = count
            if growth:
                lasting = self._lasting.setdefault(what, _Lasting(0, now_s))
                lasting.amount += growth
                lasting.last_s = now_s
        self._lasting = {
            what: lasting for what, lasting in self._lasting.items() if now_s - lasting.last_s < self._quiet_s
        }
        return [
            Loss(kind=kind, connector=connector, amount=lasting.amount)
            for (kind, connector), lasting in self._lasting.items()
        ]


def counters_of(entries: Iterable[LedgerEntry], gaps: Iterable[Gap]) -> dict[What, int]:
    """Return the entries of the ledger that count as a loss."""
    counters: dict[What, int] = {}
    for entry in entries:
        if entry.stage in LOSSES:
            what = (entry.stage, entry.connector)
            counters[what] = counters.get(what, 0) + entry.amount
    for gap in gaps:
        what = ("gap", gap.connector)
        counters[what] = counters.get(what, 0) + gap.missing
    return counters
