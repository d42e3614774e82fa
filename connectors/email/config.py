"""Configuration of the e-mail channel."""

from email.headerregistry import Address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.email.address import one_address, with_ascii_domain
from opsconductor.connector.outgoing.own_texts import MessageTemplates
from opsconductor.connector.settings.duration import AttemptTimeout, PositiveDuration, parse_duration
from opsconductor.connector.settings.shape import HOST, Shape

PORTS = {"none": 25, "starttls": 587, "tls": 465}
"""Below the worker's own limit for one attempt, so that the channel reports the reason."""


IMAP_PORTS = {"starttls": 143, "tls": 993}


FOLDER = Shape(
    r"^[^\"\\\r\n]{1,100}$",
    'the name of a mailbox folder such as INBOX: at most 100 characters on one line, without " and \\',
)


class Replies(BaseModel):
    """Mailbox of the sender, over IMAP, in which replies that acknowledge arrive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, HOST] = Field(min_length=1, max_length=253)
    """Name or address of the IMAP server."""

    port: int | None = Field(default=None, ge=1, le=65_535)
    """Null (default): 993 with `tls`, 143 with `starttls`."""

    tls: Literal["starttls", "tls"] = "tls"
    """`tls` (default): encrypted from the first byte; `starttls`: after the plain greeting, never without."""

    username: str = Field(min_length=1)
    """User name for log-in."""

    password: SecretStr = Field(min_length=8)
    """Password for log-in, by reference. The Message-IDs of our mails are signed with it: replies to mails
    from before a change acknowledge nothing.
    """

    folder: Annotated[str, FOLDER] = "INBOX"
    """Folder that is read."""

    every: PositiveDuration = parse_duration("30s")
    """Interval at which the folder is read."""

    verify_ssl: bool = True
    """False accepts any certificate: an attacker on the path can read the password. Prefer `ca_file`."""

    ca_file: Path | None = None
    """PEM file of a private certificate authority. Null (default): those of the system."""

    timeout: AttemptTimeout = parse_duration("30s")
    """Time limit of each answer of the server."""

    @property
    def server_port(self) -> int:
        """The configured port, else the default of the encryption."""
        return self.port or IMAP_PORTS[self.tls]


class EmailTemplates(MessageTemplates):
    """Jinja2 templates of the texts; see README.md for what they may use."""

    html: str | None = Field(default=None, min_length=1)
    """HTML; values are escaped. Null (default): that of OpsConductor, or none if `text` is set."""


class EmailConfig(BaseModel):
    """SMTP server and sender of notifications."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, HOST] = Field(min_length=1, max_length=253)
    """Name or address of the SMTP server."""

    port: int | None = Field(default=None, ge=1, le=65_535)
    """Null (default): 587 with `starttls`, 465 with `tls`, 25 with `none`."""

    tls: Literal["none", "starttls", "tls"] = "starttls"
    """`starttls` (default): encrypted after the plain greeting, never without; `tls`: encrypted from
    the first byte; `none`: not encrypted, and therefore not allowed with a password.
    """

    username: str | None = Field(default=None, min_length=1)
    """User name for log-in; null (default): no log-in."""

    password: SecretStr | None = None
    """Password for log-in; give it by reference (`${env:NAME}`, `${file:PATH}`, `vault:name`)."""

    sender: str = Field(alias="from")
    """From address, with or without a display name: `OpsConductor <alerts@example.net>`."""

    verify_ssl: bool = True
    """False accepts any certificate: an attacker on the path can read the password. Prefer `ca_file`."""

    ca_file: Path | None = None
    """PEM file of a private certificate authority. Null (default): those of the system."""

    timeout: AttemptTimeout = parse_duration("30s")
    """Time limit of one attempt, which is then retried later. At most 55s."""

    templates: EmailTemplates | None = None
    """Templates of your own. Null (default): the texts of OpsConductor."""

    replies: Replies | None = None
    """Mailbox of `from`: who replies `ack` to a mail acknowledges its alert. Null (default): none is read."""

    @field_validator("sender")
    @classmethod
    def _sender_is_an_address(cls, text: str) -> str:
        with_ascii_domain(one_address(text))
        return text

    @model_validator(mode="after")
    def _log_in_is_complete_and_encrypted(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password are required together")
        if self.username is not None and self.tls == "none":
            raise ValueError("a password requires encryption: set tls to starttls or tls")
        return self

    @property
    def address(self) -> Address:
        """The sender as an address."""
        return one_address(self.sender)

    @property
    def server_port(self) -> int:
        """The configured port, else the default of the encryption."""
        return self.port or PORTS[self.tls]
