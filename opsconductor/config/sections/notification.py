"""Settings of notifications."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from opsconductor.config.section import Section, as_list
from opsconductor.connector.settings.duration import Duration, PositiveDuration, parse_duration


class RecipientLimitSettings(Section):
    """Limit on the messages to one recipient of a channel that people read; it never silences completely."""

    messages: int = Field(default=10, ge=0, le=1_000)
    """Messages within `within`. What comes beyond waits and is sent as one message, a summary, the first
    10 s later. 0: no limit. 10: as many as one person can work off, more are a storm."""

    within: PositiveDuration = parse_duration("15m")
    """The period over which messages are counted."""

    summary_every: PositiveDuration = parse_duration("5m")
    """Minimum time between two summaries. 5m: the worst of what is new is never sent later than that."""


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
    messages have no such link. 24h: after a day an alert is to be looked at before it is acknowledged.
    """

    recipient_limit: RecipientLimitSettings = RecipientLimitSettings()
    """How many messages one recipient of a channel that people read gets; see `RecipientLimitSettings`."""

    unlimited_channels: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ()
    """Connectors without `recipient_limit`, by name. Channels that programs read (webhook, syslog_out,
    mqtt_out) and those that open tickets or incidents have none anyway."""
