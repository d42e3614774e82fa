"""Listen addresses in configuration: `127.0.0.1:8080`, `[::]:162`, `localhost:1162`."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

EXPECTED = "address and port such as 127.0.0.1:8080, 0.0.0.0:162 or [::]:162"
WRITTEN = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>[0-9]{1,5})")
HOST_NAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Listen address; a field type of pydantic models that is written as one text.

    Attributes:
        host: IPv4 or IPv6 address as text without brackets, or a host name.
        port: 0 lets the kernel choose a free one.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if self.is_ipv6 else f"{self.host}:{self.port}"

    @property
    def is_ipv6(self) -> bool:
        """True if `host` is an IPv6 address."""
        return ":" in self.host

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(
            parse_listen_address,
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        del schema, handler
        return {"type": "string", "examples": ["127.0.0.1:8080", "[::]:162"]}


def parse_listen_address(value: object) -> ListenAddress:
    """Parse `host:port` or `[v6]:port`.

    Raises:
        ValueError: It is neither; the message gives the expected form.
    """
    if isinstance(value, ListenAddress):
        return value
    match = WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or int(match["port"]) > HIGHEST_PORT:
        raise ValueError(EXPECTED)
    host = _ipv6_of(match["v6"]) if match["v6"] else _host_of(match["host"])
    return ListenAddress(host, int(match["port"]))


def _ipv6_of(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except AddressValueError:
        raise ValueError(f"{EXPECTED}; [{text}] is not an IPv6 address") from None


def _host_of(text: str) -> str:
    if text.replace(".", "").isdigit():
        try:
            return str(IPv4Address(text))
        except AddressValueError:
            raise ValueError(f"{EXPECTED}; {text} is not an IPv4 address") from None
    if not HOST_NAME.fullmatch(text):
        raise ValueError(EXPECTED)
    return text
