"""Rate-limited log of senders whose messages are refused, with reason and remedy."""

import logging

from connectors.snmp_trap.sender import UNNAMED
from opsconductor.connector.rejection_words import Words

log = logging.getLogger(__name__)

PERIOD_S = 3600.0
MAX_NOTES = 100
"""Pairs of sender and reason logged per period: invented addresses cannot fill the log."""


class RefusalNotes:
    """Logs each pair of sender and reason, and each forwarder that names no device, once an hour.

    Attributes:
        unnamed: Trusted forwarders that have sent messages without naming their device.
    """

    def __init__(self, connector: str) -> None:
        self._connector = connector
        self._logged: set[tuple[str, str]] = set()
        self._since_s = 0.0
        self.unnamed: set[str] = set()

    def note(self, reason: str, peer: str, now_s: float, words: Words) -> None:
        """Log it, unless it was logged in this period or the limit of the period is reached.

        Args:
            words: Explanation of the reason for this sender, and remedy.
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
        """Log that a trusted forwarder does not name the devices of the messages that it forwards."""
        if len(self.unnamed) < MAX_NOTES:
            self.unnamed.add(peer)
        if self._is_due(UNNAMED, peer, now_s):
            log.warning(
                "a trusted forwarder does not name the device",
                extra={"connector": self._connector, "address": peer, "remedy": words.remedy},
            )

    def _is_due(self, reason: str, peer: str, now_s: float) -> bool:
        if now_s - self._since_s >= PERIOD_S:
            self._logged.clear()
            self._since_s = now_s
        if len(self._logged) >= MAX_NOTES or (reason, peer) in self._logged:
            return False
        self._logged.add((reason, peer))
        return True
