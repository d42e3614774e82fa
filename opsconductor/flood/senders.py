"""Who has sent how much lately; bounded, since the addresses of a flood may be invented."""

from opsconductor.limits import BoundedMap, Rate, TokenBucket

MOST = 40_000
"""Senders that are remembered, some 10 MB; more devices than that seldom speak at once."""


class SenderBudget:
    """What one device may still send.

    Attributes:
        messages: For everything that it sends.
        transitions: For what changes something: new alerts, alerts that open again, other severities.
    """

    __slots__ = ("messages", "transitions")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self.messages = TokenBucket(rate, now_s)
        self.transitions = TokenBucket(rate, now_s)


class Senders:
    """Budgets by device, the latest `most` that have sent.

    A device that floods is in every batch and so never forgotten; one that is forgotten has not sent while
    many others did, and starts again with a full budget, which it would nearly have had anyway.
    """

    def __init__(self, rate: Rate, most: int = MOST) -> None:
        self._rate = rate
        self._known: BoundedMap[str, SenderBudget] = BoundedMap(most)

    def __len__(self) -> int:
        """Senders that are remembered."""
        return len(self._known)

    def meet(self, device: str, now_s: float) -> SenderBudget:
        """Return the budget of a sender; a new one has a full budget."""
        sender = self._known.use(device)
        if sender is None:
            sender = self._known[device] = SenderBudget(self._rate, now_s)
        return sender
