"""What the API needs to know about accounts."""

import os
from dataclasses import dataclass, field
from functools import partial

from opsconductor.store.access.sessions import PASSWORD_SESSION, SessionTimes

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """Rules of accounts.

    Attributes:
        session_times: How long users who sign in with a password stay signed in.
        vault_key: Encrypts the secrets of second factors; default: a random one, for tests.
    """

    session_times: SessionTimes = PASSWORD_SESSION
    vault_key: bytes = field(default_factory=partial(os.urandom, KEY_BYTES), repr=False)
