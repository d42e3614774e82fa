"""Settings of the way from an alert to people."""

from opsconductor.config.section import Section
from opsconductor.connector.duration import PositiveDuration, parse_duration


class NotificationSettings(Section):
    """How notifications are delivered, whatever the channel."""

    longest_wait: PositiveDuration = parse_duration("5m")
    """The other side of a channel may ask to wait for so long at most (HTTP `Retry-After`). A critical is
    tried every 15 s all the same. 5m: longer waits are asked for by mistake more often than for a reason."""

    undelivered_time: PositiveDuration = parse_duration("1h")
    """For so long an alert tells of a notification that was given up, unless its recipient is reached
    before. 1h: long enough to be seen by the shift that can repair it."""
