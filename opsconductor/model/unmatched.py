"""Numbers of clears that ended no alert."""

from datetime import datetime
from typing import NamedTuple


class ClearedName(NamedTuple):
    """What a clear named; the columns that identify a row of `unmatched_clears`.

    Attributes:
        day: ISO date, of UTC.
    """

    day: str
    connector: str
    device: str
    alert_type: str
    resource: str


class ClearCount(NamedTuple):
    """A number of unmatched clears that named the same."""

    name: ClearedName
    amount: int
    last_at: datetime
