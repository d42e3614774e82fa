"""What the engine knows about channels when it decides how many messages a recipient gets."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientLimit:
    """Limit on the messages to one recipient of a channel.

    Attributes:
        messages: Maximum number of messages within `within`; what comes beyond waits for a summary.
        within: Length of the sliding window.
        summary_every: Minimum time between two summaries.
    """

    messages: int = 10
    within: timedelta = timedelta(minutes=15)
    summary_every: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPolicy:
    """How the messages of a channel may be combined.

    Attributes:
        limit: Of each of its recipients; None: unlimited.
        is_single: It takes each alert by itself: an incident, a ticket, a state. Nothing is combined.
        updates: It changes a sent message in place.
    """

    limit: RecipientLimit | None = None
    is_single: bool = False
    updates: bool = False
