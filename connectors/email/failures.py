"""SMTP errors as `Unreachable` (retry) or `Rejected` (give up)."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import aiosmtplib

from opsconductor.connector.http import reason_of
from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.text import folded

REPAIRABLE = frozenset({530, 534, 535, 538})
"""Log-in missing, too weak or refused (RFC 4954 section 6): permanent for the server, but not caused by the
message. The credentials can be corrected, so the message is retried.
"""

PERMANENT = range(500, 600)

CLOSING = 421
"""The server closes the connection (RFC 5321 section 3.8)."""

NO_CODE = -1
"""Code that the client gives to an answer which is none of SMTP."""

LONGEST_ANSWER = 1_000
"""Characters of a server's answer that are shown."""


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Translate the errors of the SMTP client to `Unreachable` or `Rejected`.

    Only the server's refusal of this sender, recipient or content is permanent. Faults of the server and of
    our access to it can be corrected and are retried.

    Args:
        place: `host:port`, for the text.
    """
    try:
        yield
    except aiosmtplib.SMTPRecipientsRefused as error:
        refusal = error.recipients[0]
        raise _refused(refusal.code, f"{place} refuses the recipient: {_answer(refusal)}") from error
    except aiosmtplib.SMTPAuthenticationError as error:
        raise Unreachable(f"{place} refuses username or password: {_answer(error)}") from error
    except (aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError) as error:
        raise Unreachable(f"{place} refuses the connection: {_answer(error)}") from error
    except aiosmtplib.SMTPSenderRefused as error:
        raise _refused(error.code, f"{place} refuses the sender: {_answer(error)}") from error
    except aiosmtplib.SMTPDataError as error:
        raise _refused(error.code, f"{place} refuses the message: {_answer(error)}") from error
    except aiosmtplib.SMTPResponseException as error:
        raise Unreachable(_unfit_text(place, error)) from error
    except aiosmtplib.SMTPNotSupported as error:
        raise Rejected(f"{place}: {_line(str(error))}") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unreachable(_unreachable_text(place, error)) from error


def _refused(code: int, text: str) -> Rejected | Unreachable:
    if code in PERMANENT and code not in REPAIRABLE:
        return Rejected(text)
    return Unreachable(text, is_about_message=code not in REPAIRABLE and code != CLOSING)


def _unfit_text(place: str, error: aiosmtplib.SMTPResponseException) -> str:
    """Describe an answer that is about no message: STARTTLS is refused, or it is no SMTP."""
    if error.code == NO_CODE:
        return f"{place} does not speak SMTP as expected: {_line(error.message)}"
    return f"{place} refuses the connection: {_answer(error)}"


def _unreachable_text(place: str, error: Exception) -> str:
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"{place} has a certificate that is not trusted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return f"{place} does not speak TLS as expected: {_line(cause.reason or str(cause))}"
    if isinstance(error, TimeoutError) and not str(error):
        return f"{place} does not answer in time"
    reason = reason_of(cause) if isinstance(cause, OSError) else str(cause)
    return f"{place}: {_line(reason) or type(cause).__name__}"


def _answer(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {_line(error.message)}"


def _line(text: str) -> str:
    return folded(text, LONGEST_ANSWER)
