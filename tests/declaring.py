"""Connector types for tests of provisioning: as small as types can be, with secrets in every shape."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from opsconductor.config.items import Kinds
from opsconductor.connector.address import ListenAddress
from opsconductor.connector.duration import Duration, parse_duration
from opsconductor.connector.interface import Kind


class Login(BaseModel):
    """Someone who may log in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    password: SecretStr


class MailerConfig(BaseModel):
    """A channel with a password, a list of secrets, secrets by key, and secrets further in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int = 25
    password: SecretStr | None = Field(default=None, min_length=8)
    tokens: tuple[SecretStr, ...] = ()
    headers: dict[str, SecretStr] = {}
    users: tuple[Login, ...] = ()
    hook: str = Field(default="", repr=False)
    timeout: Duration = parse_duration("10s")

    @model_validator(mode="after")
    def _passwords_are_long(self) -> Self:
        if any(len(user.password.get_secret_value()) < 8 for user in self.users):
            raise ValueError("passwords of at least 8 characters")
        return self


class ListenerConfig(BaseModel):
    """A source without secrets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: ListenAddress = ListenAddress("127.0.0.1", 1162)


def _build(*_: Any) -> object:
    return object()


KINDS = Kinds(
    known={
        "mailer": Kind(name="mailer", config=MailerConfig, build=_build),
        "listener": Kind(name="listener", config=ListenerConfig, build=_build),
    },
    channels=frozenset({"mailer"}),
)
