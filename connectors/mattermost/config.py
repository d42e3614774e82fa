"""Configuration of the channel to Mattermost and Rocket.Chat."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from opsconductor.connector.outgoing.own_texts import MessageOptions
from opsconductor.connector.settings.shape import Shape

RECIPIENT = re.compile(r"[@#]?[\w.-]{1,64}")
POST_ID = re.compile(r"[a-z0-9]{26}")


CHANNEL = Shape(
    f"^({RECIPIENT.pattern})$", "a channel such as noc, or a user such as @ada: letters, digits, _, . and -"
)


class MattermostConfig(MessageOptions):
    """An incoming webhook of either server, or a bot of Mattermost."""

    server: Literal["mattermost", "rocketchat"] = "mattermost"
    """Which of both."""

    webhook_url: HttpUrl | None = Field(default=None, repr=False)
    """URL of an incoming webhook, which is a secret. Exactly one of `webhook_url` and `bot_token`."""

    bot_token: SecretStr | None = None
    """Access token of a bot of Mattermost, which updates its messages and uses threads; needs `url`."""

    url: HttpUrl | None = None
    """Address of the Mattermost server, for a bot."""

    channel: Annotated[str, CHANNEL] | None = None
    """For rules without recipients. Of a bot: the id of the channel (26 characters); of a webhook: the name,
    null (default): the webhook's own channel.
    """

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.webhook_url is None) == (self.bot_token is None):
            raise ValueError("give exactly one of webhook_url and bot_token")
        if (self.bot_token is None) != (self.url is None):
            raise ValueError("url and bot_token belong together")
        if self.bot_token is not None and self.server != "mattermost":
            raise ValueError("bot_token is for mattermost; rocketchat has webhook_url")
        return self


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no channel or user; empty: the configured one."""
    if text and not RECIPIENT.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a channel such as noc or #noc, nor a user such as @ada")
