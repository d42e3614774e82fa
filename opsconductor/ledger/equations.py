"""Equations of the loss ledger; pure.

Every message is counted where it arrives and where it is passed on or ends, each time by another part of the
daemon. When the sums differ, something was lost or counted twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Durability = Literal["committed", "spooled"]
"""Stages of durable changes, which may be acknowledged: in PostgreSQL, or in the spool."""


class LedgerEntry(NamedTuple):
    """Count at a stage of a connector, for one reason."""

    connector: str
    stage: str
    reason: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """One equation.

    Attributes:
        name: What is accounted for.
        whole: The stages on the left side, added up.
        parts: The stages on the right side, which must add up to the same.
        meaning: What a difference means.
    """

    name: str
    whole: tuple[str, ...]
    parts: tuple[str, ...]
    meaning: str


EQUATIONS = (
    Equation(
        name="received",
        whole=("received",),
        parts=("refused", "undecodable", "duplicate", "discovery", "recorded", "dropped", "held", "taken"),
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
        meaning="alerts that connectors created from messages were not folded by the engine",
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
"""Stage by stage, in the order in which a message passes them (docs/loss-ledger.md)."""

OPTIONAL = {"received": ("received",), "archived": ("archived", "sampled", "unarchived")}
"""Equations that hold only if something is counted at these stages."""

LEVELS = frozenset({"held", "waiting"})
"""Stages that are current levels, not sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An equation that does not hold.

    Attributes:
        missing: The number missing; negative: the number counted twice.
    """

    connector: str
    equation: str
    missing: int

    @property
    def meaning(self) -> str:
        """Describe the difference."""
        return next(each.meaning for each in EQUATIONS if each.name == self.equation)


def balance(entries: Iterable[LedgerEntry]) -> list[Gap]:
    """Return the equations that do not hold, connector by connector, in the order of the stages.

    Args:
        entries: Everything counted since a moment at which no message was in progress; of the
            levels (`held`, `waiting`) their final values.

    A connector that counts nothing as `received` (it creates its messages itself, as a poller does) is
    accounted for from `taken` on; an archive that is disabled is not accounted for.
    """
    sums = by_stage(entries)
    return [
        gap for connector in sorted(sums) for gap in _gaps(connector, sums[connector]) if gap.missing != 0
    ]


def by_stage(entries: Iterable[LedgerEntry]) -> Mapping[str, Counter[str]]:
    """Sum entries over their reasons: by connector, then by stage."""
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
