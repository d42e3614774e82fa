"""Posts to a connector, and their results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from opsconductor.model.event import RawEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post to a connector (`POST /api/v1/connectors/NAME/webhook`).

    Attributes:
        headers: By name in lower case; of repeated ones the last.
        query: Parameters of the URL; of repeated ones the last.
        body: Complete, within the configured limit, decompressed.
        peer: IP address of the sender as text.
    """

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    peer: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PostResult:
    """Result of a post.

    Attributes:
        events: Events for the intake; the sender is answered after they are committed.
        status: HTTP status of that answer.
        answer: JSON document of that answer, for senders that read one; None: the API's own.
        headers: Headers of that answer.
        on_dropped: Called once if the queue does not accept the events in time, instead of their `on_commit`:
            the sender is asked to send them again.
    """

    events: Sequence[RawEvent] = ()
    status: int = 200
    answer: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    on_dropped: Callable[[], None] | None = None


@runtime_checkable
class Receiver(Protocol):
    """Optional: a connector that accepts posts."""

    def is_proven(self, head: Post) -> bool:
        """Return True if headers and URL contain the secret; False: the body has to be read first.

        Called before anything of the body is read, with an empty `body`.

        Raises:
            Refused: They show that the sender does not have the secret.
        """

    async def receive(self, post: Post) -> PostResult:
        """Authenticate the sender, and accept the post.

        Raises Refused, and DecodeError for bytes that are no document. The API has counted the post as
        `received`; it counts what is raised here by its reason.
        """


@runtime_checkable
class PromptReceiver(Receiver, Protocol):
    """Optional: a receiver that takes most posts without waiting for anything."""

    def receive_at_once(self, post: Post) -> RawEvent | None:
        """Authenticate the sender, and return the only event of the post, which is answered as the API does.

        Raises as `receive` does; then, and if it returns None, the post is passed to `receive` instead, so
        nothing may have been counted or remembered of it but the budget of posts.
        """


@runtime_checkable
class Validator(Protocol):
    """Optional: a receiver whose senders first request permission by OPTIONS."""

    async def validate(self, post: Post) -> PostResult | None:
        """Return the answer; None: this connector does not support it."""
