"""Log-in by a reverse proxy, and the doctor's findings on log-in with external accounts."""

from ipaddress import ip_network
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientSession

from opsconductor.api.auth.account_rules import AccountRules
from opsconductor.config.sections.account import AccountSettings
from opsconductor.config.sections.sign_in import LdapSettings, ProxySettings
from opsconductor.config.settings import ApiSettings, Settings
from opsconductor.selfcheck.doctor.finding import FindingVerdict
from opsconductor.selfcheck.doctor.log_in import examine_log_in
from opsconductor.selfcheck.doctor.setup import judge_settings
from tests.support.api.accounts import JSON, cookies, user_of
from tests.support.api.api_stage import Caller, Reply, Stage, serving

pytest_plugins = ["tests.integration.api_fixtures"]

HERE = (ip_network("127.0.0.0/8"),)
PROXY = ProxySettings(
    user_header="X-Forwarded-User",
    groups_header="X-Forwarded-Groups",
    name_header="X-Forwarded-Name",
    group_roles={"noc": ("operator",), "Leads": ("admin", "operator")},
)
ANNA = {"X-Forwarded-User": "anna", "X-Forwarded-Groups": "staff, noc", "X-Forwarded-Name": "Anna Berg"}


async def enter(someone: Caller, headers: Any, **more: str) -> Reply:
    """Ask for a session as the page does."""
    return await someone.ask("POST", "/session/proxy", headers={**JSON, **headers, **more})


async def test_a_trusted_proxy_names_the_user(stage: Stage, http: ClientSession) -> None:
    """Roles follow its groups at each log-in; a session serves only while the proxy names the same user."""
    async with serving(stage, trusted_proxies=HERE, accounts=AccountRules(proxy=PROXY)) as url:
        someone = Caller(http, url, None)
        ways = (await someone.get("/session/ways", headers=ANNA)).data
        assert ways == {"proxy_user": "anna", "oidc": None, "passkeys": False}
        entered = await enter(someone, ANNA)
        me: Any = entered.data
        assert (me["name"], me["roles"]) == ("anna", ["operator"])
        browser = cookies(entered)
        assert (await someone.get("/me", headers={**browser, **ANNA})).status == 200
        assert (await someone.get("/me", headers={**browser, "X-Forwarded-User": "bo"})).status == 401
        leads: Any = (await enter(someone, {**ANNA, "X-Forwarded-Groups": "LEADS"})).data
        assert leads["roles"] == ["admin", "operator"]
        refused = await enter(someone, {**ANNA, "X-Forwarded-Groups": "staff"})
        assert (refused.status, refused.error["code"]) == (403, "sign_in_refused")
        assert (await someone.get("/me", headers={**browser, **ANNA})).status == 401
        await user_of(stage, "root", "admin")
        taken = await enter(someone, {**ANNA, "X-Forwarded-User": "root"})
        assert "opsconductor users origin root proxy" in str(taken.error["message"])
        for name in ("", "a b", "anna\xe9", "x" * 200):
            assert (await enter(someone, {**ANNA, "X-Forwarded-User": name})).status == 403, name
        forged = await enter(someone, ANNA, Origin="https://evil.example", **{"Sec-Fetch-Site": "cross-site"})
        assert (forged.status, forged.error["code"]) == (403, "forged")


async def test_two_names_are_none(stage: Stage, http: ClientSession) -> None:
    """A proxy that adds its header to the client's instead of replacing it authenticates no user."""
    async with serving(stage, trusted_proxies=HERE, accounts=AccountRules(proxy=PROXY)) as url:
        headers = [("X-Forwarded-User", "root"), ("X-Forwarded-User", "anna"), *JSON.items()]
        async with http.post(f"{url}/api/v1/session/proxy", headers=headers) as response:
            assert response.status == 403


@pytest.mark.parametrize(
    ("proxies", "settings"), [((), PROXY), (HERE, ProxySettings()), ((ip_network("10.0.0.0/8"),), PROXY)]
)
async def test_the_header_of_others_is_ignored(
    stage: Stage, http: ClientSession, proxies: Any, settings: ProxySettings
) -> None:
    """Without a trusted proxy, from another address, and while no header is configured."""
    async with serving(stage, trusted_proxies=proxies, accounts=AccountRules(proxy=settings)) as url:
        someone = Caller(http, url, None)
        assert (await enter(someone, ANNA)).status == 401
        ways = (await someone.get("/session/ways", headers=ANNA)).data
        assert ways == {"proxy_user": None, "oidc": None, "passkeys": False}


async def test_the_doctor_names_what_is_wrong(pool: asyncpg.Pool) -> None:
    """Proxies that are not trusted, directories that do not answer, roles that do not exist, and no roles."""
    accounts = AccountSettings(
        proxy=ProxySettings(user_header="X-User", group_roles={"noc": ("operater",)}),
        ldap=LdapSettings(url="ldap://127.0.0.1:1", base_dn="dc=example", start_tls=False),
    )
    settings = Settings(accounts=accounts)
    found = [*judge_settings(settings), *await examine_log_in(pool, settings)]
    assert [(each.verdict, each.text) for each in found] == [
        (FindingVerdict.BAD, "accounts.proxy: no proxy may send X-User"),
        (FindingVerdict.BAD, "accounts.proxy.group_roles: groups are not read"),
        (FindingVerdict.BAD, "accounts.ldap: no group has a role, so no user may log in"),
        (FindingVerdict.BAD, found[3].text),
        (FindingVerdict.BAD, "accounts.proxy: there is no role operater"),
    ]
    assert found[3].text.startswith("accounts.ldap: ldap://127.0.0.1:1: ")
    assert all(each.remedy for each in found)
    good = ProxySettings(user_header="X-User", default_roles=("viewer",))
    settings = Settings(accounts=AccountSettings(proxy=good), api=ApiSettings(trusted_proxies=HERE))
    (one,) = await examine_log_in(pool, settings)
    assert one.verdict is FindingVerdict.OK
    assert await examine_log_in(pool, Settings()) == []
