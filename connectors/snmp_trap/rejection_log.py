"""Says once in a while, in plain words, whose messages are refused and why: the first question of all."""

import logging

from opsconductor.connector.rejection_words import Words

log = logging.getLogger(__name__)

UNNAMED = "forwarder_names_no_device"
"""Reason under which a trusted forwarder is noted that does not say for which device it speaks."""

PERIOD_S = 3600.0
MAX_NOTES = 100
"""Pairs of sender and reason told in a period: a stranger can invent addresses, but not fill the log."""


class RefusalNotes:
    """Logs each pair of sender and reason once an hour, and what a forwarder leaves out.

    Attributes:
        unnamed: Trusted forwarders that have sent messages without naming their device.
    """

    def __init__(self, connector: str) -> None:
        self._connector = connector
        self._told: set[tuple[str, str]] = set()
        self._since_s = 0.0
        self.unnamed: set[str] = set()

    def note(self, reason: str, peer: str, now_s: float, words: Words) -> None:
        """Log it, unless it was logged in this period or the period's lines are used up.

        Args:
            words: What the reason means for this sender, and what to do.
        """
        if not self._is_due(reason, peer, now_s):
            return
        log.warning(
            "messages of a sender are refused",
            extra={
                "connector": self._connector,
                "address": peer,
                "reason": reason,
                "remedy": ": ".join(words),
            },
        )

    def note_unnamed(self, peer: str, now_s: float, words: Words) -> None:
        """Log that a trusted forwarder does not name the devices whose messages it sends on."""
        if len(self.unnamed) < MAX_NOTES:
            self.unnamed.add(peer)
        if self._is_due(UNNAMED, peer, now_s):
            log.warning(
                "a trusted forwarder does not name the device",
                extra={"connector": self._connector, "address": peer, "remedy": words.remedy},
            )

    def _is_due(self, reason: str, peer: str, now_s: float) -> bool:
        if now_s - self._since_s >= PERIOD_S:
            self._told.clear()
            self._since_s = now_s
        if len(self._told) >= MAX_NOTES or (reason, peer) in self._told:
            return False
        self._told.add((reason, peer))
        return True
