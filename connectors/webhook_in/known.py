"""Cache of posts that came before byte for byte, as a sender repeats them: neither parsed nor read again."""

import json
from collections.abc import Sequence
from functools import partial

from opsconductor.limits import BoundedMap
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import JsonDocument, NormalizedAlert, RawData

MOST = 2_048
ONCE = 8_192
"""Hashes of posts that came once; only what comes again is kept."""
LONGEST_BYTES = 4_096
"""Longer posts are not kept; this keeps memory below 64 MB for any sender."""


class KnownPost:
    """A post that came before, and what it means.

    Attributes:
        document: The document without secrets.
        body: Its bytes.
        alerts: Its reports, as of one time of receipt; None: they are not known, or depend on that time.
    """

    __slots__ = ("_reader", "alerts", "body", "document")

    def __init__(self, document: object, body: bytes) -> None:
        self.document = document
        self.body = body
        self.alerts: Sequence[NormalizedAlert] | None = None
        self._reader: object = None

    def keep(self, alerts: Sequence[NormalizedAlert], reader: object) -> None:
        """Keep the reports, with their raw data as text, for the normalizer that has read them."""
        self._reader = reader
        self.alerts = [alert._replace(raw_data=_encoded(alert.raw_data)) for alert in alerts]

    def again(self, raw: RawEvent, reader: object) -> Sequence[NormalizedAlert] | None:
        """Return the reports at another time of receipt; None: this normalizer has to read them."""
        if self.alerts is None or self._reader is not reader:
            return None
        at = raw.received_at
        return [
            alert.again(at, alert.raw_data)
            if alert.occurred_at is alert.received_at
            else alert._replace(received_at=at)
            for alert in self.alerts
        ]


class KnownPosts:
    """The latest posts that came more than once, valid for one configuration."""

    def __init__(self) -> None:
        self._known: BoundedMap[bytes, KnownPost] = BoundedMap(MOST)
        self._once: BoundedMap[int, None] = BoundedMap(ONCE)

    def find(self, body: bytes) -> KnownPost | None:
        """Return what is known of a post."""
        return self._known.use(body)

    def note(self, body: bytes, document: object, cleaned: bytes) -> KnownPost | None:
        """Record a post; return what is kept of it, None: it came for the first time, or is too long.

        Args:
            document: The document without secrets.
            cleaned: Its bytes.
        """
        if len(body) > LONGEST_BYTES:
            return None
        mark = hash(body)
        if mark not in self._once:
            self._once[mark] = None
            return None
        known = self._known[body] = KnownPost(document, cleaned)
        return known


def _encoded(raw_data: RawData) -> RawData:
    """Return the same raw data encoded once, if it is JSON as it is."""
    try:
        text = json.dumps(raw_data(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return raw_data
    return partial(_same, JsonDocument(text))


def _same(document: JsonDocument) -> JsonDocument:
    return document
