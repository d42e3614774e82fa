"""Outgoing connections reach only permitted addresses, by any name and from any connector."""

import socket
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pytest
import yaml
from pydantic import ValidationError

import connectors
from connectors import CHANNELS, INVENTORIES, SOURCES
from opsconductor.config.secrets import is_reference
from opsconductor.config.sections.outgoing import OutgoingSettings
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.destinations import Destinations
from opsconductor.connector.outgoing.web import WebClient, WebOptions

TYPES = {**SOURCES, **CHANNELS, **INVENTORIES}
NOT_CONNECTING = {"snmp_trap", "webhook_in", "eaton", "snmp_poll", "snmp_out", "apprise_out"}
"""Listeners; SNMP, which is not subject to it; and Apprise, which has tests of its own."""
NOWHERE = Destinations(refused=(ip_network("0.0.0.0/0"), ip_network("::/0")))
CLOSED = OutgoingSettings.model_validate(
    {"private_networks": False, "refused_networks": "198.51.100.0/24", "allowed_networks": "10.1.0.0/16"}
).destinations


@pytest.mark.parametrize(
    ("address", "is_refused"),
    [
        ("169.254.169.254", True),
        ("169.254.0.1", True),
        ("fe80::1%eth0", True),
        ("fd00:ec2::254", True),
        ("fd20:ce::254", True),
        ("::ffff:169.254.169.254", True),
        ("64:ff9b::a9fe:a9fe", True),
        ("2002:a9fe:a9fe::1", True),
        ("100.100.100.200", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("fd12::1", False),
        ("2001:db8::1", False),
    ],
)
def test_link_local_and_metadata_addresses_are_refused(address: str, is_refused: bool) -> None:  # noqa: FBT001
    """They are refused whatever is allowed; private networks contain a NOC's servers and are permitted."""
    everything = Destinations(allowed=(ip_network("0.0.0.0/0"), ip_network("::/0")))
    assert bool(Destinations().why_refused(address)) == is_refused
    assert bool(everything.why_refused(address)) == is_refused


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("10.0.0.1", "private_networks is false"),
        ("100.64.0.1", "private_networks is false"),
        ("127.0.0.1", "private_networks is false"),
        ("::1", "private_networks is false"),
        ("0.0.0.0", "private_networks is false"),
        ("fd12::1", "private_networks is false"),
        ("::ffff:192.168.0.1", "private_networks is false"),
        ("198.51.100.7", "outgoing.refused_networks"),
        ("10.1.2.3", ""),
        ("203.0.113.1", ""),
    ],
)
def test_networks_are_refused_by_configuration(address: str, reason: str) -> None:
    """Private networks and listed ones are refused; the allow list takes precedence over both."""
    found = CLOSED.why_refused(address)
    assert (reason in found) if reason else not found


@pytest.mark.parametrize("network", ["169.254.0.0/16", "169.254.169.254", "fe80::/64"])
def test_metadata_services_cannot_be_allowed(network: str) -> None:
    """The setting is refused with the reason."""
    with pytest.raises(ValidationError, match="never connected to"):
        OutgoingSettings.model_validate({"allowed_networks": [network]})


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://[::ffff:169.254.169.254]/", "http://metadata.test/"]
)
async def test_a_channel_does_not_connect_to_a_refused_address(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By address, by an IPv6 form of it, or by a name that resolves to it; the message says why."""
    if "metadata" in url:
        monkeypatch.setattr(socket, "getaddrinfo", answering("169.254.169.254"))
    client = WebClient(WebOptions(), Destinations(), headers={}, secrets=())
    found = await client.check(url)
    await client.close()
    assert not found.ok
    assert "metadata service" in found.message


async def test_a_name_that_resolves_elsewhere_later_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of the connection is checked, not an earlier lookup (DNS rebinding)."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(socket, "getaddrinfo", answering("127.0.0.1"))
        first = await Destinations().connect("rebinding.test", server.getsockname()[1])
        first.close()
    monkeypatch.setattr(socket, "getaddrinfo", answering("169.254.169.254"))
    with pytest.raises(PermissionError, match="metadata service"):
        await Destinations().connect("rebinding.test", 80)


@pytest.mark.parametrize("kind", sorted(set(TYPES) - NOT_CONNECTING))
async def test_each_connector_connects_only_where_it_may(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The check of each connector says which setting refuses; no socket is created.

    Also of one that is not stored: the check builds it from the configuration that it is given.
    """
    monkeypatch.setattr(socket, "getaddrinfo", answering("192.0.2.1"))
    sample = yaml.safe_load((Path(connectors.__file__).parent / kind / "sample.yaml").read_text())
    given = without_references(sample["connectors"][0]["config"])
    given.pop("tls", None) if kind == "mqtt" else given.pop("ca_file", None)
    config = TYPES[kind].config.model_validate(given)
    context = ConnectorContext(name=kind, data_dir=tmp_path, destinations=NOWHERE)
    built = TYPES[kind].build(config, context)
    found = await built.check()
    if isinstance(built, Closable):
        await built.close()
    assert not found.ok
    assert "outgoing.refused_networks" in found.message


@runtime_checkable
class Closable(Protocol):
    """A connector that keeps connections."""

    async def close(self) -> None:
        """Close them."""


def answering(address: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a resolver with one address for all names."""

    def resolve(_host: object, port: object, *_: object, **options: Any) -> list[tuple[Any, ...]]:
        kind = options.get("type") or socket.SOCK_STREAM
        return [(socket.AF_INET, kind, 0, "", (address, int(str(port or 0))))]

    return resolve


def without_references(value: Any) -> Any:
    """Return a configuration with texts in place of references."""
    if isinstance(value, dict):
        return {key: without_references(each) for key, each in value.items()}
    return "stand-in-0123456789-0123456789" if isinstance(value, str) and is_reference(value) else value
