"""Log-in with accounts of a real LDAP directory, and the users made from them."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from opsconductor.api.auth.account_rules import AccountRules
from opsconductor.config.sections.sign_in import LdapSettings
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import ProviderError
from opsconductor.identity.ldap import LdapDirectory
from opsconductor.model.outside_account import AccountOrigin, OutsideAccount
from opsconductor.store.access.audit import AuditFilter, list_entries
from opsconductor.store.access.users import UserFields, change_user, hand_over, list_users
from tests.support.api.accounts import BY, browser_of, rows, sign_in, user_of
from tests.support.api.api_stage import Caller, Stage, serving
from tests.support.api.slapd import Slapd, running_slapd
from tests.support.certificates import make_certificates

pytest_plugins = ["tests.integration.api_fixtures"]

NOT_IN_NOC = """
dn: cn=noc,dc=example,dc=org
changetype: modify
replace: member
member: cn=reader,dc=example,dc=org
"""
BACK_IN_NOC = NOT_IN_NOC.replace("cn=reader,dc", "uid=anna,ou=people,dc")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Run one server for all tests of this module."""
    with running_slapd(tmp_path_factory.mktemp("slapd")) as server:
        yield server


async def asked(settings: LdapSettings, name: str, password: str) -> OutsideAccount | None:
    """Authenticate once."""
    with closing(LdapDirectory(settings, Destinations())) as directory:
        return await directory.authenticate(name, password)


async def test_search_and_bind_reads_account_and_groups(slapd: Slapd) -> None:
    """By StartTLS and LDAPS, searched for or by a template of the DN; groups with name and DN."""
    ways = (
        {},
        {"url": slapd.secure_url},
        {"user_dn_template": "uid={username},ou=people,dc=example,dc=org", "group_filter": ""},
    )
    for way in ways:
        account = await asked(slapd.changed(**way), "Anna", "anna secret")
        assert account is not None, way
        assert (account.origin, account.username) == (AccountOrigin.LDAP, "anna")
        assert (account.display_name, account.email) == ("Anna Berg", "anna@example.org")
        assert len(account.id) == 36
        groups = () if "group_filter" in way else ("cn=noc,dc=example,dc=org", "noc")
        assert account.groups == groups
    nested = await asked(slapd.changed(nested_groups=True), "anna", "anna secret")
    assert nested is not None
    assert nested.groups[1::2] == ("noc", "all")


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("anna", "wrong"), ("anna", ""), ("unknown", "anna secret"), ("*", "anna secret"),
        ("an*", "anna secret"), ("anna)(uid=*", "anna secret"), ("", "x"), ("anna\0", "anna secret"),
        ("x" * 1_000, "x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("template", [None, "uid={username},ou=people,dc=example,dc=org"])
async def test_wrong_names_and_passwords_are_refused(
    slapd: Slapd, name: str, password: str, template: str | None
) -> None:
    """Also those which are filters, and no password: a directory takes that for anonymous."""
    assert await asked(slapd.changed(user_dn_template=template), name, password) is None


async def test_names_with_special_characters_are_only_themselves(slapd: Slapd) -> None:
    """A name that contains a wildcard finds its own entry."""
    account = await asked(slapd.settings, "bo*", "bo secret")
    assert account is not None
    assert account.username == "bo*"


async def test_faults_of_the_directory_name_the_remedy(slapd: Slapd, tmp_path: Path) -> None:
    """Wrong searching account, authority, base and port; a plain answer of the check when all is good."""
    faults = (
        ({"bind_password": "wrong"}, "bind_password"),
        ({"ca_file": make_certificates(tmp_path).ca_file}, "certificate"),
        ({"base_dn": "dc=nowhere"}, "base_dn"),
        ({"url": "ldap://127.0.0.1:1"}, "127.0.0.1:1"),
    )
    for wrong, text in faults:
        with closing(LdapDirectory(slapd.changed(**wrong), Destinations())) as directory:
            with pytest.raises(ProviderError, match=text) as found:
                await directory.check()
            assert "secret" not in str(found.value)
    with closing(LdapDirectory(slapd.settings, Destinations())) as directory:
        assert await directory.check() == f"{slapd.url} answers, dc=example,dc=org is there"


async def test_a_silent_directory_is_not_waited_for(slapd: Slapd) -> None:
    """A server that accepts and says nothing is a fault after the time limit; the event loop goes on."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = slapd.changed(url=f"ldap://127.0.0.1:{port}", timeout="0.3s")
        with pytest.raises(ProviderError):
            await asked(settings, "anna", "anna secret")


@pytest.fixture
async def stranger(stage: Stage, http: ClientSession, slapd: Slapd) -> AsyncIterator[Caller]:
    """A client of an API with the directory."""
    rules = AccountRules(ldap=LdapDirectory(slapd.settings, Destinations()))
    async with aclosing(rules), serving(stage, accounts=rules) as address:
        yield Caller(http, address, None)


async def test_users_are_made_at_the_first_log_in_and_follow_the_directory(
    stage: Stage, stranger: Caller, slapd: Slapd
) -> None:
    """Roles are read again at each log-in; out of all groups the sessions end, and the log-in is refused."""
    anna = await browser_of(stranger, "anna", "anna secret")
    me: Any = (await stranger.get("/me", headers=anna)).data
    assert (me["name"], me["roles"], me["kind"]) == ("anna", ["operator"], "user")
    slapd.modify(NOT_IN_NOC)
    refused = await sign_in(stranger, "anna", "anna secret")
    assert (refused.status, refused.error["code"]) == (403, "sign_in_refused")
    assert "accounts.ldap.group_roles" in str(refused.error["message"])
    assert (await stranger.get("/me", headers=anna)).status == 401
    slapd.modify(BACK_IN_NOC)
    anna = await browser_of(stranger, "anna", "anna secret")
    own = await stranger.post("/me/password", {"current": "anna secret", "new": "x" * 12}, headers=anna)
    assert (own.status, own.error["message"]) == (409, "your password is kept by ldap; change it there")
    (user,) = await list_users(stage.pool)
    assert (user.origin, user.display_name, user.has_password) == ("ldap", "Anna Berg", False)
    entries = await list_entries(stage.pool, AuditFilter(subject="anna"), 20)
    actions = [entry.action for entry in entries if entry.action.startswith("user.")]
    assert actions == ["user.change", "user.change", "user.create"]
    await change_user(stage.pool, "anna", UserFields(enabled=False), BY)
    refused = await sign_in(stranger, "anna", "anna secret")
    assert "disabled" in str(refused.error["message"])


async def test_local_users_come_first_and_names_are_not_taken_over(stage: Stage, stranger: Caller) -> None:
    """A local user is never looked up in the directory; handed over by an administrator it is."""
    await user_of(stage, "root", "admin")
    await user_of(stage, "anna", "viewer")
    assert (await sign_in(stranger, "anna", "anna secret")).status == 401
    await browser_of(stranger, "anna")
    await stage.pool.execute("UPDATE users SET password_hash = NULL WHERE username = 'anna'")
    refused = await sign_in(stranger, "anna", "anna secret")
    assert refused.status == 403
    assert "opsconductor users origin anna ldap" in str(refused.error["message"])
    await hand_over(stage.pool, "anna", AccountOrigin.LDAP, BY)
    root, _ = await browser_of(stranger, "root"), await browser_of(stranger, "anna", "anna secret")
    listed = {each["username"]: each for each in rows(await stranger.get("/users", headers=root))}
    assert (listed["anna"]["origin"], listed["anna"]["roles"]) == ("ldap", ["operator"])
    for change in ({"roles": ["admin"]}, {"password": "correct horse"}):
        assert (await stranger.ask("PATCH", "/users/anna", json=change, headers=root)).status == 409
    assert (await stranger.post("/password-links", {"username": "anna"}, headers=root)).status == 409
