"""Declarations of provisioning tests: small connector types with secrets in every shape, and rows."""

from pathlib import Path
from typing import Any, Self

import asyncpg
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.email.address import one_address
from opsconductor.config.provision.plan import ProvisionPlan
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import ConnectorTypes
from opsconductor.connector.connector_type import channel_type, source_type
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.connector.settings.duration import Duration, parse_duration
from opsconductor.store.declared.provisioning import apply


class Login(BaseModel):
    """A person who may log in."""

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


def _build(*_: Any) -> Any:
    return object()


INSTALLED = ConnectorTypes(
    known={
        "mailer": channel_type("mailer", MailerConfig, _build),
        "pager": channel_type(
            "pager",
            MailerConfig,
            _build,
            check_recipient=one_address,
            recipient_example="noc@example.net",
        ),
        "listener": source_type("listener", ListenerConfig, _build),
    },
    channels=frozenset({"mailer", "pager"}),
)

KEY = bytes(range(32))
"""Key of the vault."""

EVERYTHING = """
connectors:
  - name: mail
    type: mailer
    enabled: false
    config: {host: mx, password: hunter2hunter2, tokens: ["${env:TOKEN}"], headers: {X-Key: four}}
  - {name: traps, type: listener, config: {listen: "127.0.0.1:0"}}
oid_mappings:
  - oid_pattern: 1.3.6.1.4.1.9.*
    vendor: Cisco
    alert_type: network_x
    category: network
    default_severity: major
    title_template: "X - {device_name}"
    description: What it is.
    clear_oid_pattern: 1.3.6.1.4.1.9.2
    mib_name: X-MIB
    mib_object: x
    notes: A note.
    resource_expression: "ifIndex={1.3.6.1.2.1.2.2.1.1}"
    severity_map: {varbind: 1.3.6.1.2, values: {1: clear, 2: critical}}
    is_cutting: true
    expires_after_s: 60
    conditions: [{varbind: ifType, equals: 6}, {varbind: ifName, matches: "^Gi"}]
    cases: [{when: [{varbind: ifOperStatus, equals: [down, 7]}], severity: critical, alert_type: network_y}]
    clear_conditions: [{varbind: ifOperStatus, differs_from: down, is_present: true}]
    more_resources: "other={ifIndex#}"
devices:
  - ip_address: 10.0.0.1
    name: core-1
    addresses: [2001:db8::1, 80001F8880A1B2C3D4, 10.0.0.11]
    device_type: router
    manufacturer: Acme
    model: R1
    site: north
    location: room 1
    role: core
    status: active
    tags: [b, a]
    custom_fields: {rack: "07", units: [1, 2]}
  - {ip_address: 10.0.0.2, name: access-1}
dependencies:
  - device_ip: 10.0.0.2
    depends_on_ip: 10.0.0.1
    via_resources: [ifIndex=7]
    description: uplink
    confidence: 0.555
notification_rules:
  - name: majors
    description: Team to notify.
    enabled: false
    priority: 5
    conditions: {severity: major, device_ip_pattern: [10.0.0.0/8, "10.1.*"], alert_type: "network_*"}
    channels: [{channel: mail, recipients: noc@example.net}]
    throttle_minutes: 15
    group_by: [site, team]
    group_wait: 10s
    group_interval: 2m
    repeat_interval: 4h
"""
"""A file that declares every column of every table."""


async def applied(pool: asyncpg.Pool, *paths: Path, prune: bool = False) -> ProvisionPlan:
    """Apply files."""
    return await apply(pool, read_provision(paths, INSTALLED), INSTALLED, key=KEY, actor="test", prune=prune)


def rewrite(file: Path, text: str) -> None:
    """Replace the content of a file."""
    file.write_text(text)
