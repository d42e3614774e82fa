"""Notifications in Telegram, by a bot."""

from connectors.telegram.channel import TelegramChannel
from connectors.telegram.config import TelegramConfig, check_recipient
from connectors.telegram.message import LONGEST_TEXT
from opsconductor.connector.abilities import previews, receives_posts, works
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: TelegramConfig) -> ChannelTraits:
    """Return abilities and limits: about one message per second in a chat."""
    return ChannelTraits(
        updates=True,
        threads=True,
        acknowledge_back="button" if config.buttons is not None else "link",
        longest_text=LONGEST_TEXT,
        per_s=1,
        at_once=2,
    )


TYPE = channel_type(
    "telegram",
    TelegramConfig,
    TelegramChannel,
    previews(TelegramChannel),
    receives_posts(TelegramChannel),
    works(TelegramChannel),
    check_recipient=check_recipient,
    recipient_example="-1001234567890",
    traits=traits_of,
)
