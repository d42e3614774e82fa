"""What must add up in the loss ledger; pure.

Every message is counted where it comes in and where it goes on or ends, each time by another part of the
daemon. When the sums differ, something was lost or counted twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Durability = Literal["committed", "spooled"]
"""Where changes are that may be acknowledged: in PostgreSQL, or on this machine's disk."""


class LedgerEntry(NamedTuple):
    """So much at a stage of a connector, for one reason."""

    connector: str
    stage: str
    reason: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """A sum that closes.

    Attributes:
        name: What is accounted for.
        whole: The stages that are accounted for, added up.
        parts: The stages that must add up to the same.
        meaning: What it means when they do not.
    """

    name: str
    whole: tuple[str, ...]
    parts: tuple[str, ...]
    meaning: str


EQUATIONS = (
    Equation(
        name="received",
        whole=("received",),
        parts=("refused", "undecodable", "duplicate", "discovery", "dropped", "held", "taken"),
        meaning="messages read from the network are neither refused nor in the intake",
    ),
    Equation(
        name="taken",
        whole=("taken",),
        parts=("waiting", "invalid", "failed", "normalized"),
        meaning="messages from the intake have not come out of the pipeline",
    ),
    Equation(
        name="reported",
        whole=("reported",),
        parts=("folded",),
        meaning="alerts that connectors have made of messages were not folded by the engine",
    ),
    Equation(
        name="folded",
        whole=("folded",),
        parts=("committed", "spooled"),
        meaning="decisions of the engine are neither in PostgreSQL nor in the spool",
    ),
    Equation(
        name="archived",
        whole=("normalized", "invalid"),
        parts=("archived", "sampled", "unarchived"),
        meaning="messages are neither in the raw event archive nor counted there",
    ),
)
"""Stage by stage, in the order in which a message goes through them (docs/loss-ledger.md)."""

OPTIONAL = {"received": ("received",), "archived": ("archived", "sampled", "unarchived")}
"""Equations that hold only where something is counted at these stages."""

LEVELS = frozenset({"held", "waiting"})
"""Stages that are not sums but how many there are at the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A sum that does not close.

    Attributes:
        missing: How many have vanished; negative: so many were counted twice.
    """

    connector: str
    equation: str
    missing: int

    @property
    def meaning(self) -> str:
        """Say in words what is wrong."""
        return next(each.meaning for each in EQUATIONS if each.name == self.equation)


def balance(entries: Iterable[LedgerEntry]) -> list[Gap]:
    """Find the sums that do not close, connector by connector, in the order of the stages.

    Args:
        entries: Everything that was counted since a moment at which nothing was under way; of the
            levels (`held`, `waiting`) what they are at the end.

    A connector that counts nothing as `received` (it makes its messages itself, as a poller does) is
    accounted for from `taken` on; an archive that is switched off is not accounted for.
    """
    sums = by_stage(entries)
    return [
        gap for connector in sorted(sums) for gap in _gaps(connector, sums[connector]) if gap.missing != 0
    ]


def by_stage(entries: Iterable[LedgerEntry]) -> Mapping[str, Counter[str]]:
    """Add up entries over their reasons: by connector, then by stage."""
    sums: dict[str, Counter[str]] = {}
    for entry in entries:
        sums.setdefault(entry.connector, Counter())[entry.stage] += entry.amount
    return sums


def _gaps(connector: str, sums: Mapping[str, int]) -> Sequence[Gap]:
    return [
        Gap(
            connector=connector,
            equation=equation.name,
            missing=_sum(sums, equation.whole) - _sum(sums, equation.parts),
        )
        for equation in EQUATIONS
        if equation.name not in OPTIONAL or _sum(sums, OPTIONAL[equation.name])
    ]


def _sum(sums: Mapping[str, int], stages: Iterable[str]) -> int:
    return sum(sums.get(stage, 0) for stage in stages)
