"""Settings that need another one are named, with the consequence and the remedy."""

from pathlib import Path
from typing import Any

import pytest

from opsconductor.config.settings import Settings
from opsconductor.config.together import SWITCHES, unmet_settings

PROXY = {"user_header": "X-User", "default_roles": ["viewer"]}
LDAP = {"url": "ldaps://ldap.example.net", "base_dn": "dc=example", "default_roles": ["viewer"]}
OIDC = {"issuer": "https://id.example.org", "client_id": "noc", "default_roles": ["viewer"]}
PAGE = {"public_url": "https://noc.example.org"}
TRUSTED = {"api": {"trusted_proxies": ["10.0.0.1/32"]}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"accounts": {"oidc": OIDC}}, ["accounts.oidc: the provider cannot send browsers back"]),
        ({"accounts": {"oidc": OIDC}, **PAGE}, []),
        ({"accounts": {"proxy": PROXY}}, ["accounts.proxy: no proxy may send X-User"]),
        ({"accounts": {"proxy": PROXY}, **TRUSTED}, []),
        (
            {"accounts": {"proxy": {"user_header": "X-User"}}, **TRUSTED},
            ["accounts.proxy: no group has a role, so no user may log in"],
        ),
        (
            {"accounts": {"proxy": {"user_header": "X-User", "group_roles": {"noc": "operator"}}}, **TRUSTED},
            ["accounts.proxy.group_roles: groups are not read"],
        ),
        ({"accounts": {"ldap": LDAP}}, []),
        (
            {"accounts": {"ldap": {**LDAP, "bind_dn": "cn=reader"}}},
            ["accounts.ldap: bind_dn and bind_password belong together"],
        ),
        (
            {"accounts": {"ldap": {**LDAP, "group_filter": "", "group_roles": {"noc": "operator"}}}},
            ["accounts.ldap.group_roles: groups are not read"],
        ),
        (
            {"accounts": {"ldap": {"base_dn": "dc=example"}, "oidc": {"client_id": "noc", "name": "SSO"}}},
            ["accounts.ldap: base_dn has no effect", "accounts.oidc: client_id, name have no effect"],
        ),
        ({"backup": {"keep": 30, "method": "base"}}, ["backup: keep has no effect"]),
        ({"backup": {"keep": 30, "folder": "/backup"}}, []),
        ({"canary": {"channel": "mail"}}, ["canary: channel has no effect"]),
        ({"heartbeat": {"every": "30s"}}, ["heartbeat: every has no effect"]),
        ({"series": {"external": {"token": "t"}}}, ["series.external: token has no effect"]),
        ({"series": {"external": {"token": "t", "read_url": "http://prometheus"}}}, []),
        ({"api": {"tls_key": "/etc/key.pem"}}, ["api: tls_key has no effect"]),
        (
            {"notifications": {"acknowledge_links": "2h"}},
            ["notifications.acknowledge_links: messages have no link"],
        ),
        ({"notifications": {"acknowledge_links": "2h"}, **PAGE}, []),
        ({"notifications": {"acknowledge_links": "0s"}}, []),
        (
            {"backup": {"method": "base", "wal_archive": "/wal"}},
            ["backup.wal_archive: the archive grows without end, as no daily backup shortens it"],
        ),
        (
            {
                "backup": {"method": "base", "wal_archive": "/wal", "folder": "/backup"},
                "database": {"url": "postgresql://db/ops"},
            },
            ["backup.wal_archive: a server of database.url archives by its own configuration"],
        ),
    ],
)
def test_conflicting_settings_are_named(given: dict[str, Any], expected: list[str]) -> None:
    """Log-in without its counterpart is bad; a key that is set and ignored has no effect."""
    found = list(unmet_settings(Settings.model_validate(given)))
    assert [each.text for each in found] == expected
    for each in found:
        assert each.remedy
        assert each.is_bad is not any(mild in each.text for mild in ("no effect", "no link", "without end"))


def test_the_keys_of_switches_exist() -> None:
    """A renamed setting cannot leave a check behind that never applies."""
    settings: Any = Settings()
    for section, switches, dependents in SWITCHES:
        found = settings
        for part in section.split("."):
            found = getattr(found, part)
        assert {*switches, *dependents} <= set(type(found).model_fields)


def test_the_keys_of_switches_are_documented() -> None:
    """Every section of a switch is in the example of the configuration."""
    text = (Path(__file__).parents[3] / "etc/opsconductor.yaml").read_text()
    for _, switches, _ in SWITCHES:
        assert all(f"{switch}:" in text for switch in switches)
