"""Who has sent how much lately; bounded, since the addresses of a flood may be invented."""

from opsconductor.flood.token_bucket import Rate, TokenBucket

MOST = 20_000
"""Senders of one generation: two are kept, some 10 MB. More devices than that seldom speak at once."""


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
    """Senders by device, in two generations.

    Who sends again moves to the young generation; when that is full, the old one is forgotten. Whoever
    floods is met in every batch and so never forgotten; a sender that is forgotten has not sent while
    many others did, and starts again with a full budget, which it would nearly have had anyway.
    """

    def __init__(self, rate: Rate, most: int = MOST) -> None:
        self._rate = rate
        self._most = most
        self._young: dict[str, SenderBudget] = {}
        self._old: dict[str, SenderBudget] = {}

    def __len__(self) -> int:
        """Senders that are remembered."""
        return len(self._young) + len(self._old)

    def meet(self, device: str, now_s: float) -> SenderBudget:
        """Find a sender, or give a new one a full budget."""
        sender = self._young.get(device)
        if sender is None:
            sender = self._old.pop(device, None) or SenderBudget(self._rate, now_s)
            if len(self._young) >= self._most:
                self._old, self._young = self._young, {}
            self._young[device] = sender
        return sender
