"""What others post to a connector, and what the connector makes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from opsconductor.model.event import RawEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What somebody has posted to a connector (`POST /api/v1/connectors/NAME/webhook`).

    Attributes:
        headers: By name in lower case; of a name that came several times the last.
        query: Parameters of the URL; of a name that came several times the last.
        body: Whole, within the configured limit, unpacked if it came compressed.
        peer: IP address of the sender as text.
    """

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    peer: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PostResult:
    """What a connector makes of a post.

    Attributes:
        events: What goes to the intake; the sender is answered after they are committed.
        status: HTTP status of that answer.
        answer: JSON document of that answer, for senders that read one; None: the API's own.
        headers: Headers of that answer.
        on_dropped: Called once if there is no room for the events in time, instead of their `on_commit`: the
            sender is asked to send them again.
    """

    events: Sequence[RawEvent] = ()
    status: int = 200
    answer: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    on_dropped: Callable[[], None] | None = None


@runtime_checkable
class Receiver(Protocol):
    """What a source or inventory is beside that when others may post to it."""

    def is_proven(self, head: Post) -> bool:
        """Return whether headers and URL show the secret; False: the body has to be read to find out.

        Called before anything of the body is read, with an empty `body`.

        Raises:
            Refused: They show that the sender has not got the secret.
        """

    async def receive(self, post: Post) -> PostResult:
        """Find out who posts, and take it; raises Refused, and DecodeError for bytes that are no document.

        The API has counted the post as `received`; it counts what is raised here by its reason.
        """


@runtime_checkable
class Validator(Protocol):
    """What a receiver is beside that when senders ask it beforehand, by OPTIONS, whether they may post."""

    async def validate(self, post: Post) -> PostResult | None:
        """Answer; None: this connector is not asked in that way."""
