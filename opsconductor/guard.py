"""The only place that catches unspecified exceptions.

`guarded` is used around the code of a connector, which may be third-party, and around a batch of the
pipeline; `guarded_data` around the processing of a single value. There one fault must not stop everything
else. All other code catches specific exceptions. `tests/architecture/test_limits.py` lists every use.
"""

import asyncio
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
"""Errors of code that meets an unexpected value."""


class Guarded:
    """A block of code whose failure is stored instead of raised.

    Attributes:
        error: What the block raised; None: it completed. `KeyboardInterrupt` and the cancellation of the
            running task are never caught. When only a future or task that the block waited for was
            cancelled, `guarded` stores a RuntimeError that says so, and likewise when it called `sys.exit`.
    """

    __slots__ = ("_kept", "error")

    def __init__(self, kept: tuple[type[Exception], ...]) -> None:
        self._kept = kept
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        """Enter the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Store what the block raised."""
        del kind, traceback
        if isinstance(error, self._kept):
            self.error = error
            return True
        if self._kept is not EVERYTHING:
            return False
        if isinstance(error, asyncio.CancelledError) and not is_cancelled():
            self.error = RuntimeError("a future or task that it waited for was cancelled")
        elif isinstance(error, SystemExit):
            self.error = RuntimeError(f"it called sys.exit({error.code!r:.100}), which would end the daemon")
        else:
            return False
        self.error.__cause__ = error
        return True


def is_cancelled() -> bool:
    """Return True if the running task is to end; also outside of a task, where that cannot be determined."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # in a thread without an event loop
        return True
    return task is None or task.cancelling() > 0


def guarded() -> Guarded:
    """Return a context that catches any `Exception` of its block; check its `error` afterwards."""
    return Guarded(EVERYTHING)


def guarded_data(*others: type[Exception]) -> Guarded:
    """Return a context that catches an error caused by an unexpected value, and those of `others`.

    Used where one bad value must not stop the others: it is set aside (`model/aside.py`). Errors that
    OpsConductor raises on purpose pass, unless they are among `others`.
    """
    return Guarded((*DATA_ERRORS, *others) if others else DATA_ERRORS)
