"""Configuration of the Slack channel."""

import re
from typing import Annotated, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from opsconductor.connector.outgoing.own_texts import MessageOptions
from opsconductor.connector.settings.shape import Shape

RECIPIENT = re.compile(r"#?[^\s#@,]{1,80}")


CHANNEL = Shape(f"^({RECIPIENT.pattern})$", "a channel such as #noc or its id, without spaces, commas and @")


class SlackConfig(MessageOptions):
    """An incoming webhook, or a bot."""

    webhook_url: HttpUrl | None = Field(default=None, repr=False)
    """URL of an incoming webhook, which is a secret. It posts to the one channel that it was made for, and
    can neither update nor thread messages. Exactly one of `webhook_url` and `bot_token`.
    """

    bot_token: SecretStr | None = None
    """Token of a bot (`xoxb-...`) with the scope `chat:write`; for public channels that it has not joined
    also `chat:write.public`. Give it by reference.
    """

    signing_secret: SecretStr | None = None
    """Signing secret of the app ("Basic Information"), by reference: messages get a button, and Slack posts
    to this connector when a person presses it. Null (default): the button is a link, if `public_url` is set.
    """

    channel: Annotated[str, CHANNEL] | None = None
    """Channel of the bot for rules without recipients: an id (`C0123456789`) or `#name`."""

    api_url: HttpUrl = HttpUrl("https://slack.com/api/")
    """Address of the Web API."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.webhook_url is None) == (self.bot_token is None):
            raise ValueError("give exactly one of webhook_url and bot_token")
        if self.channel is not None and self.bot_token is None:
            raise ValueError("channel is for a bot: a webhook has the channel that it was made for")
        return self


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no channel of Slack; empty: the configured one."""
    if text and not RECIPIENT.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a channel of Slack such as #noc or C0123456789")
