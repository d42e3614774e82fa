"""Configuration of the Telegram channel."""

import re

from pydantic import Field, HttpUrl, SecretStr

from opsconductor.connector.outgoing.web import WebOptions

CHAT = re.compile(r"-?\d{1,20}(:\d{1,20})?|@\w{3,64}")


class TelegramConfig(WebOptions):
    """A bot, and the chat for rules without recipients."""

    token: SecretStr = Field(min_length=10)
    """Token of the bot from @BotFather (`123456:ABC...`); give it by reference."""

    chat: str | None = Field(default=None, pattern=f"^({CHAT.pattern})$")
    """Chat for rules without recipients: its id (`-1001234567890`), with a topic `-1001234567890:17`, or
    `@name` of a public channel.
    """

    silent_below_critical: bool = False
    """True: messages of less than critical alerts, and recoveries, arrive without a sound."""

    api_url: HttpUrl = HttpUrl("https://api.telegram.org/")
    """Address of the Bot API; another one for a Bot API server of one's own."""


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no chat; empty: the configured one."""
    if text and not CHAT.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a chat such as -1001234567890, -1001234567890:17 or @name")
