"""Addresses to listen on as people write them."""

import pytest
from pydantic import BaseModel, ValidationError

from opsconductor.connector.settings.address import ListenAddress, parse_listen_address


class Model(BaseModel):
    """A model with an address to listen on."""

    listen: ListenAddress


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("0.0.0.0:162", "0.0.0.0", 162),
        ("[::]:162", "::", 162),
        ("[2001:DB8::0:1]:0", "2001:db8::1", 0),
        ("localhost:1162", "localhost", 1162),
        ("noc-1.example.net:65535", "noc-1.example.net", 65_535),
        (" 127.0.0.1:1 ", "127.0.0.1", 1),
    ],
)
def test_address_is_read(written: str, host: str, port: int) -> None:
    """IPv4, IPv6 in brackets, and host names; IPv6 comes out in its one form."""
    assert parse_listen_address(written) == ListenAddress(host, port)


@pytest.mark.parametrize(
    "written",
    [
        "8080", 8080, ":8080", "127.0.0.1", "::1:80", "[::1]", "[127.0.0.1]:80", "127.0.0.1:65536",
        "1.2.3:80", "127.0.0.1:-1", "127.0.0.300:80", "a b:80", "-a:80", "http://x:80",
        "", None, "127.0.0.1:٨٠",
    ],
)  # fmt: skip
def test_anything_else_is_refused(written: object) -> None:
    """The error shows the form of an address."""
    with pytest.raises(ValueError, match=r"address and port such as 127\.0\.0\.1:8080"):
        parse_listen_address(written)


def test_model_reads_and_writes_one_text() -> None:
    """In JSON an address is the text that was read."""
    model = Model.model_validate({"listen": "[::1]:162"})
    assert model.listen.is_ipv6
    assert model.model_dump(mode="json") == {"listen": "[::1]:162"}
    assert Model.model_validate(model) == model
    assert Model.model_json_schema()["properties"]["listen"]["type"] == "string"
    with pytest.raises(ValidationError):
        Model.model_validate({"listen": {"host": "::1", "port": 162}})
