"""Configuration of the Telegram channel."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from opsconductor.connector.outgoing.own_texts import MessageOptions
from opsconductor.connector.settings.shape import Shape

CHAT = re.compile(r"-?\d{1,20}(:\d{1,20})?|@\w{3,64}")


CHAT_ID = Shape(
    f"^({CHAT.pattern})$",
    "the id of a chat such as -1001234567890, of a topic such as -1001234567890:7, or a name such as @noc",
)


class TelegramConfig(MessageOptions):
    """A bot, and the chat for rules without recipients."""

    token: SecretStr = Field(min_length=10)
    """Token of the bot from @BotFather (`123456:ABC...`); give it by reference."""

    chat: Annotated[str, CHAT_ID] | None = None
    """Chat for rules without recipients: its id (`-1001234567890`), with a topic `-1001234567890:17`, or
    `@name` of a public channel.
    """

    buttons: Literal["polling", "webhook"] | None = None
    """How presses of the acknowledge button are received: `polling` asks Telegram (getUpdates; the bot must
    be used by nothing else); `webhook`: Telegram posts to this connector. Null (default): messages have no
    button, but a link if `public_url` is set.
    """

    webhook_secret: SecretStr | None = Field(default=None, min_length=16)
    """Of `webhook`: the `secret_token` that was given to setWebhook, at least 16 characters, by reference."""

    silent_below_critical: bool = False
    """True: messages of less than critical alerts, and recoveries, arrive without a sound."""

    api_url: HttpUrl = HttpUrl("https://api.telegram.org/")
    """Address of the Bot API; another one for a Bot API server of one's own."""

    @model_validator(mode="after")
    def _has_its_secret(self) -> Self:
        if (self.buttons == "webhook") != (self.webhook_secret is not None):
            raise ValueError("webhook_secret and buttons: webhook belong together")
        return self


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no chat; empty: the configured one."""
    if text and not CHAT.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a chat such as -1001234567890, -1001234567890:17 or @name")
