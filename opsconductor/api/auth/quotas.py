"""Quotas of API keys: requests a minute; never reads a clock."""

import math
from uuid import UUID

from opsconductor.limits import BoundedMap, Rate, TokenBucket
from opsconductor.store.access.keys import Principal

MINUTE_S = 60.0
REMEMBERED = 10_000
"""Maximum number of keys with a bucket; the one that was unused for longest begins anew."""


class Quotas:
    """A token bucket for each key with a quota."""

    def __init__(self) -> None:
        self._buckets: BoundedMap[UUID, TokenBucket] = BoundedMap(REMEMBERED)

    def spend(self, principal: Principal, now_s: float) -> int:
        """Count a request; return the seconds after which the next one is admitted, 0: this one is."""
        quota = principal.quota_per_minute
        if quota is None or principal.key_id is None:
            return 0
        rate = Rate(per_s=quota / MINUTE_S, burst=quota)
        bucket = self._buckets.use(principal.key_id)
        if bucket is None:
            bucket = self._buckets[principal.key_id] = TokenBucket(rate, now_s)
        return math.ceil(1 / rate.per_s) if bucket.spend(1, rate, now_s) else 0
