"""The one place where errors are caught that nobody can name.

`guarded` is used around the code of a connector, which may be third-party, and around a batch of the
pipeline; `guarded_data` around the handling of a single value. There one fault must not stop everything
else. All other code catches what it can name. `tests/architecture/test_limits.py` lists every use.
"""

from types import TracebackType
from typing import Self

EVERYTHING: tuple[type[Exception], ...] = (Exception,)
DATA_ERRORS: tuple[type[Exception], ...] = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
)
"""What code raises for a value that nobody foresaw."""


class Guarded:
    """A block of code whose failure is kept instead of raised.

    Attributes:
        error: What the block raised; None: it ran to its end. `asyncio.CancelledError`,
            `KeyboardInterrupt` and `SystemExit` are never kept.
    """

    __slots__ = ("_kept", "error")

    def __init__(self, kept: tuple[type[Exception], ...]) -> None:
        self._kept = kept
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        """Begin the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Keep what the block raised."""
        del kind, traceback
        if isinstance(error, self._kept):
            self.error = error
            return True
        return False


def guarded() -> Guarded:
    """Return a context that keeps any `Exception` of its block; look at its `error` afterwards."""
    return Guarded(EVERYTHING)


def guarded_data(*others: type[Exception]) -> Guarded:
    """Return a context that keeps an error caused by an unexpected value, and those of `others`.

    Used where one bad value must not stop the others: it is set aside (`model/aside.py`). Errors that
    OpsConductor raises on purpose pass, unless they are among `others`.
    """
    return Guarded((*DATA_ERRORS, *others))
