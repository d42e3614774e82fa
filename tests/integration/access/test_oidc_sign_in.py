"""Log-in with an OpenID Connect provider: the complete flow, and every fault in it."""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, CookieJar
from joserfc.jwk import OctKey
from yarl import URL

from opsconductor.api.auth.account_rules import AccountRules
from opsconductor.config.sections.account import AccountSettings
from opsconductor.config.sections.sign_in import OidcSettings
from opsconductor.config.settings import Settings
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import ProviderError
from opsconductor.identity.oidc import metadata
from opsconductor.identity.oidc.provider import OidcProvider, PendingLogin
from opsconductor.selfcheck.doctor.log_in import examine_log_in
from opsconductor.selfcheck.doctor.setup import judge_settings
from opsconductor.store.access.users import list_users
from tests.support.api.accounts import JSON
from tests.support.api.api_stage import Stage, serving
from tests.support.api.oidc_provider import CLIENT, Provider, running_provider
from tests.support.ports import free_port

pytest_plugins = ["tests.integration.api_fixtures"]


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """Run a provider."""
    async with running_provider() as found:
        yield found


class Browser:
    """Keeps cookies and follows redirects as a browser does."""

    def __init__(self, http: ClientSession, url: str) -> None:
        self.http = http
        self.url = url

    async def goes(self, path: str = "/login/oidc") -> tuple[int, str, str]:
        """Open an address; return status, final address and text."""
        async with self.http.get(URL(self.url + path, encoded=True)) as response:
            return response.status, str(response.url), await response.text()

    async def asks(self, method: str, path: str) -> Any:
        """Ask the API as the page does."""
        async with self.http.request(method, f"{self.url}/api/v1{path}", headers=JSON) as response:
            return (await response.json()).get("data")


@pytest.fixture
async def browser(stage: Stage, provider: Provider) -> AsyncIterator[Browser]:
    """A browser before an API that trusts the provider."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    rules = AccountRules(oidc=OidcProvider(provider.settings, f"{url}/", Destinations()))
    async with (
        aclosing(rules),
        serving(stage, port=port, accounts=rules),
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as http,
    ):
        yield Browser(http, url)


async def test_a_browser_goes_to_the_provider_and_comes_back_logged_in(
    stage: Stage, browser: Browser, provider: Provider
) -> None:
    """With PKCE, state and nonce; roles from groups at each log-in; the log-out leads to the provider."""
    assert (await browser.asks("GET", "/session/ways"))["oidc"] == "Test ID"
    status, where, _ = await browser.goes()
    assert (status, where) == (200, f"{browser.url}/")
    (asked,) = provider.asked
    assert asked["redirect_uri"] == f"{browser.url}/login/oidc/callback"
    assert asked["code_challenge_method"] == "S256"
    me = await browser.asks("GET", "/me")
    assert (me["name"], me["roles"], me["origin"]) == ("anna", ["operator"], "oidc")
    provider.user |= {"preferred_username": "anna.berg", "groups": ["noc"], "email": "anna@example.org"}
    await browser.goes()
    (user,) = await list_users(stage.pool)
    assert (user.username, user.origin, user.email) == ("anna", "oidc", "anna@example.org")
    address = urlsplit((await browser.asks("DELETE", "/session"))["address"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.issuer}/logout"
    assert parse_qs(address.query) == {"client_id": [CLIENT], "post_logout_redirect_uri": [f"{browser.url}/"]}
    provider.user["groups"] = ["staff"]
    status, _, text = await browser.goes()
    assert status == 403
    assert "accounts.oidc.group_roles" in text
    assert await browser.asks("GET", "/me") is None


async def test_claims_that_the_token_lacks_come_from_userinfo(browser: Browser, provider: Provider) -> None:
    """But only about the same user."""
    provider.spoilt = {"groups": None}
    provider.userinfo = {"groups": "noc"}
    await browser.goes()
    assert (await browser.asks("GET", "/me"))["roles"] == ["operator"]
    provider.userinfo = {"groups": "noc", "sub": "other"}
    assert (await browser.goes())[0] == 503


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"nonce": "other"}, "nonce"), ({"nonce": None}, "nonce"), ({"aud": "other"}, "oidc.client_id"),
        ({"aud": [CLIENT, "other"]}, "azp"), ({"iss": "https://evil.example"}, "iss"), ({"exp": 1}, "clocks"),
        ({"exp": None}, "exp"), ({"iat": time.time() + 7200}, "clocks"), ({"sub": 7}, "sub"),
        ({"sub": None}, "sub"), ({"at_hash": "AAAA"}, "at_hash"),
    ],
)  # fmt: skip
async def test_invalid_tokens_are_refused(
    browser: Browser, provider: Provider, caplog: pytest.LogCaptureFixture, spoilt: Any, reason: str
) -> None:
    """The log has the reason and the remedy, the browser neither."""
    provider.spoilt = spoilt
    status, _, text = await browser.goes()
    assert status == 503
    assert "opsconductor doctor" in text
    (error,) = [found["error"] for record in caplog.records if "error" in (found := vars(record))]
    assert reason in error
    assert await browser.asks("GET", "/me") is None


def unsigned(provider: Provider) -> None:
    """Issue tokens without signature."""
    key = OctKey.import_key("x" * 32, {"kid": "first"})
    provider.key, provider.header = key, {"alg": "none"}


def signed_with_a_secret(provider: Provider) -> None:
    """Sign tokens with a secret that the client might know."""
    provider.key, provider.header = OctKey.import_key("x" * 32, {"kid": "first"}), {"alg": "HS256"}


def signed_by_another(provider: Provider) -> None:
    """Sign tokens with a key that is not published."""
    provider.rotate(publish=False)


@pytest.mark.parametrize("spoil", [unsigned, signed_with_a_secret, signed_by_another])
async def test_signatures_are_of_published_keys(
    browser: Browser, provider: Provider, spoil: Callable[[Provider], None]
) -> None:
    """No signature, one by a secret, and one of another key are refused."""
    spoil(provider)
    assert (await browser.goes())[0] == 503
    assert await browser.asks("GET", "/me") is None


async def test_a_new_key_of_the_provider_is_read(
    browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token with an unknown key has the keys read again, but not for each token."""
    await browser.goes()
    provider.rotate()
    assert (await browser.goes())[0] == 503
    monkeypatch.setattr(metadata, "REFRESH_AFTER_S", 0.0)
    assert (await browser.goes())[0] == 200


async def test_a_callback_without_a_login_is_refused(browser: Browser, provider: Provider) -> None:
    """Wrong or missing state, a code used twice, another issuer, and what the provider refuses."""
    callback = "/login/oidc/callback"
    assert (await browser.goes(f"{callback}?code=x&state=y"))[0] == 403
    async with browser.http.get(f"{browser.url}/login/oidc", allow_redirects=False) as response:
        cookie = response.cookies["opsconductor_login"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/login/oidc")
        assert "nonce" not in bytes.fromhex(cookie.value).decode(errors="replace")
        state = parse_qs(urlsplit(response.headers["Location"]).query)["state"][0]
    status, _, text = await browser.goes(f"{callback}?code=x&state={state}")
    assert (status, "has been used or is too old" in text) == (403, True)
    for query in (
        "",
        f"?state={state}",
        "?state=%00&code=%ff",
        f"?code=x&state={state}&iss=https%3A%2F%2Fevil",
    ):
        assert (await browser.goes(callback + query))[0] == 403
    provider.refuses = "access_denied"
    status, _, text = await browser.goes()
    assert status == 403
    assert "Test ID refuses the log-in: access_denied no &lt;b&gt;consent&lt;/b&gt;" in text


async def test_faults_of_the_provider_name_the_remedy(provider: Provider, stage: Stage) -> None:
    """Wrong issuer, secret and address: by the doctor, with the remedy; nothing contains the secret."""
    good = provider.settings.model_dump()
    wrong = (
        ({"issuer": f"{provider.issuer}/"}, "write that one in accounts.oidc.issuer"),
        ({"issuer": f"http://127.0.0.1:{free_port()}"}, "Cannot connect"),
        ({"issuer": f"{provider.issuer}/keys"}, "HTTP 404"),
    )
    for change, text in wrong:
        settings = OidcSettings.model_validate({**good, **change})
        async with aclosing(OidcProvider(settings, "https://noc.example.org/", Destinations())) as asked:
            with pytest.raises(ProviderError, match=text):
                await asked.check()
    secret = OidcSettings.model_validate({**good, "client_secret": "wrong secret"})
    async with aclosing(OidcProvider(secret, "https://noc.example.org/", Destinations())) as asked:
        with pytest.raises(ProviderError, match="client_secret") as found:
            await asked.account(PendingLogin(), "code")
        assert "wrong secret" not in str(found.value)
    accounts = AccountSettings(oidc=provider.settings)
    assert await examine_log_in(stage.pool, Settings(accounts=accounts)) == []
    (finding,) = judge_settings(Settings(accounts=accounts))
    assert finding.remedy == "set public_url, the address of the page, and restart"
    settings = Settings(accounts=accounts, public_url="https://noc.example.org/")
    (finding,) = await examine_log_in(stage.pool, settings)
    assert finding.text.endswith("register https://noc.example.org/login/oidc/callback there")


@pytest.mark.parametrize("issuer", ["http://id.example.org", "ftp://x", "https://id.example.org/?a=b", "id"])
def test_an_issuer_is_an_encrypted_address(issuer: str) -> None:
    """Nothing but https, except on this machine; and a client needs an identifier."""
    with pytest.raises(ValueError, match="issuer"):
        OidcSettings(issuer=issuer, client_id="x")
    with pytest.raises(ValueError, match="client_id"):
        OidcSettings(issuer="https://id.example.org")
    assert json.loads(OidcSettings(client_secret="x").model_dump_json())["client_secret"] != "x"
