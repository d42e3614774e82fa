"""The one place where everything that code may raise is caught.

Used around the code of a connector, which may be somebody else's, and around a batch of the pipeline:
there one fault must not stop everything else. Everywhere else code catches what it can name.
"""

from types import TracebackType
from typing import Self


class Guarded:
    """A block of code whose failure is kept instead of raised.

    Attributes:
        error: What the block raised; None: it ran to its end. `asyncio.CancelledError`,
            `KeyboardInterrupt` and `SystemExit` are never kept.
    """

    __slots__ = ("error",)

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        """Begin the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Keep what the block raised."""
        del kind, traceback
        if isinstance(error, Exception):
            self.error = error
            return True
        return False


def guarded() -> Guarded:
    """Return a context that keeps any `Exception` of its block; look at its `error` afterwards."""
    return Guarded()
