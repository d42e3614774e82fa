"""What the API needs to know about accounts."""

import os
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from opsconductor.api.auth.passkeys import RelyingParty
from opsconductor.config.sections.sign_in import ProxySettings
from opsconductor.identity.oidc.provider import OidcProvider
from opsconductor.store.access.sessions import PASSWORD_SESSION, SessionTimes

if TYPE_CHECKING:
    from opsconductor.identity.ldap import LdapDirectory

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """Rules of accounts.

    Attributes:
        session_times: How long users who log in with a password stay logged in.
        proxy: Log-in by a reverse proxy.
        ldap: Log-in with a directory; None: there is none.
        oidc: Log-in with an identity provider; None: there is none.
        relying_party: Whom passkeys are made for; None: there are none.
        vault_key: Encrypts the secrets of second factors, and what a browser keeps while it is at the
            provider; default: a random one, for tests.
    """

    session_times: SessionTimes = PASSWORD_SESSION
    proxy: ProxySettings = field(default_factory=ProxySettings)
    ldap: "LdapDirectory | None" = None
    oidc: OidcProvider | None = None
    relying_party: RelyingParty | None = None
    vault_key: bytes = field(default_factory=partial(os.urandom, KEY_BYTES), repr=False)

    async def aclose(self) -> None:
        """End the threads that ask the directory, and the connections to the provider."""
        if self.ldap is not None:
            self.ldap.close()
        if self.oidc is not None:
            await self.oidc.aclose()
