"""Notifications in Slack: by an incoming webhook, or by a bot that updates its messages and uses threads."""

from connectors.slack.channel import SlackChannel
from connectors.slack.config import SlackConfig, check_recipient
from connectors.slack.message import LONGEST_TEXT
from opsconductor.connector.abilities import previews, receives_posts, works
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: SlackConfig) -> ChannelTraits:
    """Return what the bot can do, or the webhook; Slack takes one message per second and channel."""
    is_bot = config.bot_token is not None
    return ChannelTraits(
        updates=is_bot,
        threads=is_bot,
        acknowledge_back="button" if config.signing_secret is not None else "link",
        longest_text=LONGEST_TEXT,
        per_s=1,
        at_once=2,
    )


TYPE = channel_type(
    "slack",
    SlackConfig,
    SlackChannel,
    previews(SlackChannel),
    receives_posts(SlackChannel),
    works(SlackChannel),
    check_recipient=check_recipient,
    recipient_example="#noc",
    traits=traits_of,
)
