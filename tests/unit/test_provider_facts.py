"""An unreachable identity provider is not asked again by each browser that wants to log in."""

import asyncio
from typing import Any, cast

import pytest

from opsconductor.errors import ProviderError
from opsconductor.identity.oidc import metadata
from opsconductor.identity.oidc.http import ProviderHttp
from opsconductor.identity.oidc.metadata import ProviderFacts

ISSUER = "https://id.example.org"
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


class Away:
    """A provider that does not answer until a test lets it."""

    def __init__(self) -> None:
        self.requests = 0
        self.is_away = True

    async def get(self, url: str) -> dict[str, Any]:
        """Fail after others had their turn, or return the metadata."""
        self.requests += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise ProviderError(f"{url}: no answer")
        return METADATA


async def test_a_failure_is_shared_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Concurrent and following calls share the failure of one request; later the provider is asked again."""
    provider = Away()
    facts = ProviderFacts(ISSUER, cast("ProviderHttp", provider))
    failures = await asyncio.gather(*(facts.metadata() for _ in range(5)), return_exceptions=True)
    assert {str(each) for each in failures} == {f"{ISSUER}/.well-known/openid-configuration: no answer"}
    provider.is_away = False
    with pytest.raises(ProviderError, match="no answer"):
        await facts.metadata()
    assert provider.requests == 1
    monkeypatch.setattr(metadata, "FAILURE_LIFETIME_S", 0.0)
    found = await asyncio.gather(*(facts.metadata() for _ in range(5)))
    assert {each.issuer for each in found} == {ISSUER}
    assert provider.requests == 2
