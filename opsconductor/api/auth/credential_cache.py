"""Who showed a good key lately: they are let in while the database, which alone knows keys, is away."""

from dataclasses import dataclass
from datetime import datetime

from opsconductor.limits import BoundedMap
from opsconductor.store.access import Principal, hash_of

REMEMBERED = 10_000
UNUSED_S = 15 * 60.0
"""So long after its last use a credential is still known; a page that stays open keeps its own."""
LONGEST_S = 12 * 3600.0
"""So long after the database has vouched for it at most: a shift."""

Known = tuple[str, bool]


@dataclass(slots=True)
class _Sighting:
    principal: Principal
    vouched_s: float
    used_s: float


class CredentialCache:
    """Remembers principals by the hash of what they showed; asked only while the database is away.

    Nothing can be revoked then, and what was revoked before is not here: the database said so to whoever
    showed it. Times are seconds of a monotonic clock.
    """

    def __init__(self) -> None:
        self._known: BoundedMap[Known, _Sighting] = BoundedMap(REMEMBERED)

    def remember(self, credential: str, principal: Principal, now_s: float, *, is_session: bool) -> None:
        """Note that the database has just vouched for a credential."""
        key = (hash_of(credential), is_session)
        self._known[key] = _Sighting(principal, vouched_s=now_s, used_s=now_s)

    def forget(self, credential: str, *, is_session: bool) -> None:
        """Note that a credential is good no more."""
        self._known.pop((hash_of(credential), is_session), None)

    def recall(self, credential: str, now_s: float, now: datetime, *, is_session: bool) -> Principal | None:
        """Tell who showed this credential lately; None: nobody, or too long ago, or it has expired."""
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
