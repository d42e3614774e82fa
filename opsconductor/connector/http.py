"""HTTP client of connectors: failures are translated to `Unreachable` (retry) and `Rejected` (do not)."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

from opsconductor.errors import Rejected, Unreachable

PASSING = frozenset({
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
})  # fmt: skip
"""Client errors that pass, by themselves or when the credentials are corrected."""

ABOUT_SERVER = frozenset({
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
})  # fmt: skip
"""Statuses that every message would get; any other failure may be about this one."""

LONGEST_WAIT_DIGITS = 9
LONGEST_DATE = 40


def is_taken(status: int) -> bool:
    """Return True if the receiver accepted the message."""
    return 200 <= status < 300  # noqa: PLR2004 - the class of success, RFC 9110 section 15.3


def failure_of(place: str, status: int, excerpt: str, retry_after: str) -> Unreachable | Rejected:
    """Return the error for an unsuccessful answer; redirects are not followed, as they would carry secrets.

    Args:
        place: Scheme, host and port, for the message.
        status: HTTP status.
        excerpt: The beginning of the answer, one line.
        retry_after: Value of the header of that name.
    """
    text = f"{place} answers HTTP {status}" + (f": {excerpt}" if excerpt else "")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in PASSING:
        return Unreachable(
            text,
            retry_after=wait_of(retry_after, datetime.now(UTC)),
            is_about_message=status not in ABOUT_SERVER,
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        text = f"{place} answers HTTP {status}, a redirect: set url to the final address"
    return Rejected(text)


def wait_of(retry_after: str, now: datetime) -> timedelta | None:
    """Parse `Retry-After`: seconds or an HTTP date.

    Returns:
        0 for a time that has passed; None if the value is neither.

    Source:
        RFC 9110 sections 10.2.3 and 5.6.7.
    """
    value = retry_after.strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=int(value)) if len(value) <= LONGEST_WAIT_DIGITS else None
    if len(value) > LONGEST_DATE:
        return None
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(timedelta(0), aware - now)


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Translate errors of the HTTP client to `Unreachable`, without the path in the message.

    Args:
        place: Scheme, host and port, for the message.
    """
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise Unreachable(f"{place} has a certificate that is not trusted: {_why(error)}") from error
    except aiohttp.ClientSSLError as error:
        raise Unreachable(f"{place} does not speak TLS as expected: {_why(error)}") from error
    except aiohttp.ClientConnectorError as error:
        raise Unreachable(f"{place} cannot be connected: {reason_of(error.os_error)}") from error
    except TimeoutError as error:
        raise Unreachable(f"{place} does not answer in time") from error
    except aiohttp.ClientResponseError as error:
        raise Unreachable(f"{place} does not speak HTTP as expected") from error
    except aiohttp.ClientError as error:
        raise Unreachable(f"{place} closed the connection: {type(error).__name__}") from error
    except OSError as error:
        raise Unreachable(f"{place}: {error.strerror or type(error).__name__}") from error


def reason_of(error: OSError) -> str:
    """Return the system's message; asyncio's own contain addresses in Python's form."""
    is_of_system = error.errno is not None and error.errno > 0
    return os.strerror(error.errno or 0) if is_of_system else error.strerror or str(error)


def _why(error: aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError) -> str:
    cause = (
        error.certificate_error
        if isinstance(error, aiohttp.ClientConnectorCertificateError)
        else error.os_error
    )
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    return getattr(cause, "reason", None) or type(cause).__name__
