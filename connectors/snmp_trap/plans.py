"""Cache of plans for recent traps, by first variable and length."""

from connectors.snmp_trap.plan import PlannedTrap, TrapPlan, plan_of
from opsconductor.limits import BoundedMap
from opsconductor.snmp.message.tlv import SHORT

MOST_KINDS = 2_048
MOST_PLANS = 4
"""Plans per kind: of the same total length, but with other lengths of the variables."""
SEEN_FIRST = 8
"""Traps of a kind that are decoded before a plan is made: a plan costs as much as ten decodings."""

Kind = tuple[int, bytes]
"""Length of the variables, and the first of them: snmpTrapOID.0."""


class TrapKind:
    """Plans of one kind, most recently used first.

    Attributes:
        missed: Traps that none of them could read.
    """

    __slots__ = ("missed", "plans")

    def __init__(self) -> None:
        self.plans: list[TrapPlan] = []
        self.missed = 0


class TrapPlans:
    """Reads traps by existing plans, and makes plans for frequent kinds."""

    def __init__(self) -> None:
        self._kinds: BoundedMap[Kind, TrapKind] = BoundedMap(MOST_KINDS)

    def read(self, body: bytes) -> PlannedTrap | None:
        """Read the variables after sysUpTime.0 of a simple trap; None: it must be decoded.

        A plan is made after a number of misses, so that ever-changing layouts cost little.
        """
        kind = self._kinds.get((len(body), body[: 2 + body[1]])) if len(body) > 1 else None
        if kind is None:
            self._meet(body)
            return None
        for position, plan in enumerate(kind.plans):
            parts = plan.layout.read(body)
            if parts is not None:
                if position:
                    kind.plans.insert(0, kind.plans.pop(position))
                return PlannedTrap(plan, parts)
        kind.missed += 1
        if kind.missed >= SEEN_FIRST and kind.missed & (kind.missed - 1) == 0:
            made = plan_of(body)
            if made is not None:
                kind.plans = [made, *kind.plans[: MOST_PLANS - 1]]
        return None

    def _meet(self, body: bytes) -> None:
        if len(body) > 1 and body[1] <= SHORT:
            self._kinds[len(body), body[: 2 + body[1]]] = TrapKind()
