"""What the API needs to know about accounts."""

import os
from dataclasses import dataclass, field
from functools import partial

from opsconductor.config.sign_in_settings import ProxySettings
from opsconductor.identity.ldap import LdapDirectory
from opsconductor.store.access.sessions import PASSWORD_SESSION, SessionTimes

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """Rules of accounts.

    Attributes:
        session_times: How long users who sign in with a password stay signed in.
        proxy: Sign-in by a reverse proxy.
        ldap: Sign-in with a directory; None: there is none.
        vault_key: Encrypts the secrets of second factors; default: a random one, for tests.
    """

    session_times: SessionTimes = PASSWORD_SESSION
    proxy: ProxySettings = field(default_factory=ProxySettings)
    ldap: LdapDirectory | None = None
    vault_key: bytes = field(default_factory=partial(os.urandom, KEY_BYTES), repr=False)

    def close(self) -> None:
        """End the threads that ask the directory."""
        if self.ldap is not None:
            self.ldap.close()
