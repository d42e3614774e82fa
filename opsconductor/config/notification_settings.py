"""Settings of notifications."""

from opsconductor.config.section import Section
from opsconductor.connector.duration import Duration, PositiveDuration, parse_duration


class NotificationSettings(Section):
    """How notifications are delivered, whatever the channel."""

    longest_wait: PositiveDuration = parse_duration("5m")
    """The longest delay that the other side of a channel may request (HTTP `Retry-After`). A critical is
    tried every 15 s regardless. 5m: longer delays are more often a mistake than intended.
    """

    undelivered_time: PositiveDuration = parse_duration("1h")
    """How long an alert reports a notification that was given up, unless its recipient is reached
    before. 1h: long enough to be seen by the shift that can repair it.
    """

    acknowledge_links: Duration = parse_duration("24h")
    """How long the link in a message acknowledges its alert without a log-in; it needs `public_url`. `0s`:
    messages have no such link. 24h: a message that nobody has read for a day needs a look first.
    """
