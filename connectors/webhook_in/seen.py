"""Deduplication of retries: a post by its idempotency key, a CloudEvent by its source and id."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from connectors.webhook_in.fields import text
from opsconductor.connector.language.path import Path, walk
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import Refused
from opsconductor.limits import BoundedMap
from opsconductor.model.keys import key_of

KEY_HEADER = "idempotency-key"
MOST_KEYS = 50_000
LONGEST = 500
"""Of source and id together; longer ones are not stored."""


class SeenKeys:
    """The latest keys of committed posts, and of those waiting for their commit.

    Attributes:
        is_recalled: The keys committed before the restart are loaded.
    """

    def __init__(self) -> None:
        self.is_recalled = False
        self._seen: BoundedMap[bytes, None] = BoundedMap(MOST_KEYS)
        self._under_way: set[bytes] = set()

    def close(self) -> None:
        """Forget everything: the connector is removed."""
        self._seen.clear()

    def is_repeated(self, keys: Sequence[bytes]) -> bool:
        """Return whether the post with these keys is committed.

        Args:
            keys: Result of `keys_of_post`.

        Raises:
            Refused: `key_reused`: another document was posted with the same idempotency key.
        """
        if not keys or keys[0] not in self._seen:
            return False
        if keys[1] not in self._seen:
            raise Refused("key_reused", "this idempotency key was used for another post", status=409)
        return True

    def fresh(self, document: object) -> tuple[object, Sequence[bytes]]:
        """Remove CloudEvents received before, and duplicates among them.

        Returns:
            The remaining ones, None if there are none; and their keys.
        """
        events = document if isinstance(document, list) else [document]
        left: list[object] = []
        keys: dict[bytes, None] = {}
        for event in events:
            key = key_of_event(event)
            if key and (key in self._seen or key in keys):
                continue
            left.append(event)
            if key:
                keys[key] = None
        if events and not left:
            return None, ()
        return (left if isinstance(document, list) else document), tuple(keys)

    def once(self, taken: PostResult, keys: Sequence[bytes]) -> PostResult:
        """Commit the keys of a post with the last of its events, and reserve them until then.

        Raises:
            Refused: `under_way`: a key belongs to a post that is not committed yet.
        """
        if not keys:
            return taken
        if not self._under_way.isdisjoint(keys):
            message = "the same post is not committed yet; retry later"
            raise Refused("under_way", message, status=503)
        self._under_way.update(keys)
        last = taken.events[-1]._replace(on_commit=partial(self._note, keys), keys=b"".join(keys))
        return replace(
            taken,
            events=(*taken.events[:-1], last),
            on_dropped=partial(self._under_way.difference_update, keys),
        )

    def recall(self, keys: Iterable[bytes]) -> bool:
        """Load keys committed before the restart, the latest first; False: there is no room."""
        older = list(islice(keys, MOST_KEYS - len(self._seen)))
        present = list(self._seen)
        for key in (*reversed(older), *present):
            self._seen[key] = None
        return not self._seen.is_full

    def _note(self, keys: Iterable[bytes]) -> None:
        """Store committed keys; beyond the limit the oldest are evicted."""
        self._under_way.difference_update(keys)
        for key in keys:
            self._seen[key] = None


def keys_of_post(post: Post, document: object, body: bytes, path: Path | None) -> Sequence[bytes]:
    """Return two keys of a post: of its idempotency key, and of that with the posted document.

    Args:
        body: The document as bytes.
        path: Path of the idempotency key in the document, unless the header has one.

    Returns:
        Empty: it has none.
    """
    client_key = post.headers.get(KEY_HEADER, "").strip()
    if not client_key and path is not None:
        client_key = text(walk(document, path))
    if not client_key:
        return ()
    name = client_key.encode("utf-8", "surrogatepass")
    return key_of(b"key", name, b""), key_of(b"content", name, body)


def key_of_event(event: object) -> bytes:
    """Return the key of source and id of a CloudEvent; empty: they are missing, or too long."""
    if not isinstance(event, dict):
        return b""
    source, name = text(event.get("source")), text(event.get("id"))
    if not source or not name or len(source) + len(name) > LONGEST:
        return b""
    return key_of(source.encode("utf-8", "surrogatepass"), name.encode("utf-8", "surrogatepass"))
