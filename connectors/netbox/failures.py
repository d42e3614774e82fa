"""NetBox errors as Unreachable or Rejected, each with a remedy."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from socket import gaierror

import pynetbox
import requests
import urllib3

from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.text import folded

LONGEST_EXCERPT = 200
NO_RIGHT = "permission to perform this action"
"""NetBox's text for a valid token whose user may not view these objects."""


def rights_wanted(kinds: Iterable[str]) -> str:
    """Return the missing permissions and the remedy."""
    named = ", ".join(kinds)
    return (
        f"the token's user may not view {named}: "
        "give it an object permission with the action view for them, without constraints"
    )


class MayNotView(Rejected):
    """The token's user may not view a list; its path is in `path`."""

    def __init__(self, place: str, path: str) -> None:
        """Store the path, for a list of missing permissions."""
        self.path = path
        super().__init__(f"{place}: the token's user may not view {path}: grant that permission")


@contextmanager
def translated(place: str, path: str = "") -> Iterator[None]:
    """Translate the errors of pynetbox and its HTTP client to `Unreachable` and `Rejected`.

    Args:
        place: Scheme, host and port, for the text.
        path: The list that is read, below `/api/`.
    """
    try:
        yield
    except pynetbox.RequestError as error:
        raise _meaning(place, path, error.req) from error
    except (pynetbox.ContentError, json.JSONDecodeError) as error:
        raise Rejected(f"{place} answers, but not in JSON: url is not the address of NetBox") from error
    except requests.exceptions.SSLError as error:
        raise Unreachable(f"{place}: the certificate is not trusted or TLS fails: {_why(error)}") from error
    except requests.Timeout as error:
        raise Unreachable(f"{place} does not answer in time") from error
    except requests.ConnectionError as error:
        raise Unreachable(f"{place} {_why_not_connected(error)}") from error
    except requests.RequestException as error:
        raise Unreachable(f"{place} closes the connection: {type(error).__name__}") from error
    except OSError as error:  # ca_file is not there
        raise Unreachable(f"{place}: {error.strerror or error}") from error
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:  # from paging
        raise Rejected(f"{place} answers in a form that is not NetBox's") from error


def _meaning(place: str, path: str, answer: requests.Response) -> Unreachable | Rejected:
    status, text = answer.status_code, _excerpt(answer)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        if NO_RIGHT in text:
            return MayNotView(place, path)
        return Rejected(f"{place} refuses the token: {text}")
    if status == HTTPStatus.NOT_FOUND:
        return Rejected(f"{place} has no /api/{path or 'status'}/: url is not the address of NetBox")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return Unreachable(f"{place} answers HTTP {status}: {text}")
    return Rejected(f"{place} answers HTTP {status}: {text}")


def _excerpt(answer: requests.Response) -> str:
    """Return the server's message as one short line."""
    try:
        document = answer.json()
    except (ValueError, RecursionError):
        document = None
    detail = document.get("detail", document.get("error")) if isinstance(document, dict) else None
    text = detail if isinstance(detail, str) else answer.text
    return folded(text, LONGEST_EXCERPT)


def _why_not_connected(error: requests.ConnectionError) -> str:
    cause = _cause(error)
    if isinstance(cause, urllib3.exceptions.NameResolutionError) or isinstance(_inner(cause), gaierror):
        return "cannot be connected: its name cannot be resolved"
    is_refused = isinstance(cause, urllib3.exceptions.NewConnectionError)
    if isinstance(cause, urllib3.exceptions.TimeoutError) and not is_refused:
        return "does not answer in time"
    if isinstance(cause, urllib3.exceptions.ProtocolError):
        return "closes the connection"
    return f"cannot be connected: {_why(error)}"


def _cause(error: requests.RequestException) -> object:
    cause = error.args[0] if error.args else error
    return cause.reason if isinstance(cause, urllib3.exceptions.MaxRetryError) else cause


def _inner(cause: object) -> BaseException | None:
    """Return what urllib3 has wrapped, or None."""
    return cause.__cause__ or cause.__context__ if isinstance(cause, BaseException) else None


def _why(error: requests.RequestException) -> str:
    """Return the innermost reason of urllib3; the text around it repeats URLs."""
    cause = _cause(error)
    inner = _inner(cause)
    if isinstance(inner, PermissionError):  # an address that may not be connected to
        return inner.strerror or str(inner)
    if isinstance(inner, OSError):
        return getattr(inner, "verify_message", "") or inner.strerror or type(inner).__name__
    return type(cause).__name__
