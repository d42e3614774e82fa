"""Configuration of the SNMP channel."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from opsconductor.connector.settings.shape import HOST
from opsconductor.snmp.security.access import SnmpAccess, SnmpVersion

LONGEST_ATTEMPT_S = 25


class SnmpOutConfig(SnmpAccess):
    """Receiver, version, and what is sent."""

    host: Annotated[str, HOST] = Field(min_length=1, max_length=253)
    """Name or address of the receiver."""

    port: int = Field(default=162, ge=1, le=65_535)
    """UDP port."""

    notification: Literal["inform", "trap"] = "inform"
    """`inform` (default) counts as sent when the receiver has confirmed it; a `trap` may be lost."""

    send: Literal["alert", "original", "both"] = "alert"
    """`alert` (default): a notification of OPSCONDUCTOR-MIB. `original`: the trap that began or ended the
    problem, with snmpTrapAddress.0; what did not come from a trap is sent as `alert`. `both`: both.
    """

    community: SecretStr = SecretStr("public")
    """Community of v2c. Default `public`."""

    @model_validator(mode="after")
    def _is_northbound(self) -> Self:
        if self.version is SnmpVersion.V1:
            raise ValueError("version is v2c or v3: v1 has neither informs nor 64-bit counters")
        if (1 + self.retries) * self.timeout.total_seconds() > LONGEST_ATTEMPT_S:
            raise ValueError(f"timeout and retries: all attempts together take at most {LONGEST_ATTEMPT_S} s")
        return self

    @property
    def place(self) -> str:
        """The receiver, for texts."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
