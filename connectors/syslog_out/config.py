"""Configuration of the syslog channel."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from opsconductor.connector.settings.duration import AttemptTimeout, parse_duration
from opsconductor.connector.settings.shape import HOST, Shape

PORTS = {"udp": 514, "tcp": 514, "tls": 6514}
LONGEST = {"udp": 2_048, "tcp": 8_192, "tls": 8_192}


APP_NAME = Shape(
    "^[!-~]{1,48}$", "a name such as opsconductor: at most 48 visible ASCII characters without spaces"
)


class SyslogOutConfig(BaseModel):
    """Receiver and form of the messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: Annotated[str, HOST] = Field(min_length=1, max_length=253)
    """Name or address of the receiver."""

    port: int | None = Field(default=None, ge=1, le=65_535)
    """Null (default): 514 for `udp` and `tcp`, 6514 for `tls`."""

    transport: Literal["udp", "tcp", "tls"] = "udp"
    """`udp` is not confirmed in any way; `tcp` and `tls` show at least whether the receiver is there."""

    framing: Literal["octet_counting", "newline"] = "octet_counting"
    """Of `tcp` (RFC 6587); `tls` always counts octets (RFC 5425)."""

    facility: int = Field(default=16, ge=0, le=23)
    """Facility; 16 (default) is local0."""

    app_name: Annotated[str, APP_NAME] = "opsconductor"
    """APP-NAME of the messages."""

    enterprise: int = Field(default=32473, ge=1)
    """Private enterprise number in the id of the structured data. Default: that of examples (RFC 5612)."""

    verify_ssl: bool = True
    """False accepts any certificate: an attacker on the path can read. Prefer `ca_file`."""

    ca_file: Path | None = None
    """PEM file of a private certificate authority. Null (default): those of the system."""

    timeout: AttemptTimeout = parse_duration("10s")
    """Time limit of one attempt, which is then retried later. At most 55s."""

    @property
    def receiver_port(self) -> int:
        """The configured port, else the usual one of the transport."""
        return self.port or PORTS[self.transport]

    @property
    def longest_bytes(self) -> int:
        """Maximum length of a message in bytes, which every receiver should take."""
        return LONGEST[self.transport]

    @property
    def place(self) -> str:
        """Host, port and transport."""
        return f"{self.host}:{self.receiver_port}/{self.transport}"
