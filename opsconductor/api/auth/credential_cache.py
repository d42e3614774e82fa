"""Cache of credentials used recently, valid while the database, which holds the keys, is away."""

from dataclasses import dataclass
from datetime import datetime

from opsconductor.limits import BoundedMap
from opsconductor.store.access.keys import Principal, hash_of

REMEMBERED = 10_000
UNUSED_S = 15 * 60.0
"""Time after its last use for which a credential is accepted; an open page renews its own."""
LONGEST_S = 12 * 3600.0
"""Maximum time since the database last validated a credential: one shift."""

Known = tuple[str, bool]


@dataclass(slots=True)
class _Sighting:
    principal: Principal
    vouched_s: float
    used_s: float


class CredentialCache:
    """Principals by the hash of their credential; consulted only while the database is away.

    Keys cannot be revoked during that time, and earlier revocations have removed the entry when the key was
    used. Times are seconds of a monotonic clock.
    """

    def __init__(self) -> None:
        self._known: BoundedMap[Known, _Sighting] = BoundedMap(REMEMBERED)

    def remember(self, credential: str, principal: Principal, now_s: float, *, is_session: bool) -> None:
        """Store a credential that the database has just validated."""
        key = (hash_of(credential), is_session)
        self._known[key] = _Sighting(principal, vouched_s=now_s, used_s=now_s)

    def forget(self, credential: str, *, is_session: bool) -> None:
        """Remove a credential that is no longer valid."""
        self._known.pop((hash_of(credential), is_session), None)

    def recall(self, credential: str, now_s: float, now: datetime, *, is_session: bool) -> Principal | None:
        """Return the principal of this credential, or None if it is unknown, too old or expired."""
        key = (hash_of(credential), is_session)
        found = self._known.use(key)
        if found is None:
            return None
        ends_at = found.principal.expires_at
        is_over = now_s - found.used_s > UNUSED_S or now_s - found.vouched_s > LONGEST_S
        if is_over or (ends_at is not None and ends_at <= now):
            del self._known[key]
            return None
        found.used_s = now_s
        return found.principal
