"""Bodies that are provisioning documents or parts of them, and the answers to their faults."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from aiohttp import web
from pydantic_core import from_json

from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import JSON, refusal
from opsconductor.api.http.validation import LONGEST_FOUND, MOST_FAULTS, read_bytes, refused_for
from opsconductor.config.provision.broken import is_broken
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.errors import ConfigError, Fault, RowConflict, RowNotFound, SecretError

BODY_BYTES = 1024 * 1024
DOCUMENT_BYTES = 16 * 1024 * 1024
PLACE = re.compile(rf"(?:{'|'.join(ProvisionTable)})\[0\]\.?")
"""Of a single row in its document."""
INDEX = re.compile(r"\[(\d+)\]")


async def read_value(call: Call, at_most: int) -> object:
    """Read a JSON body; what it has to hold is decided elsewhere.

    Raises:
        web.HTTPBadRequest: It is not JSON.
        web.HTTPUnprocessableEntity: It holds a character that PostgreSQL does not keep.
        web.HTTPUnsupportedMediaType: It says that it is not JSON.
        web.HTTPRequestEntityTooLarge: It is too long.
        web.HTTPRequestTimeout: It does not arrive in time.
    """
    limit = min(at_most, call.parts.body_bytes)
    body = await read_bytes(call.request, at_most=limit, within_s=call.parts.limits.read_s)
    if call.request.content_type != JSON:
        raise refusal(web.HTTPUnsupportedMediaType, "unsupported_media_type", f"send the body as {JSON}")
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        found, expected = "text that is not JSON", f"JSON: {error}"[:LONGEST_FOUND]
        fault = {"name": "body", "found": found, "expected": expected}
        raise refused_for([fault], web.HTTPBadRequest) from error
    if any("\0" in text for text in _texts(value)):
        raise refused_for([{"name": "body", "found": "a NUL character", "expected": "text without it"}])
    return value


@contextmanager
def faults_answered(*, is_single: bool) -> Iterator[None]:
    """Convert what a change of the configuration can meet to an answer.

    Args:
        is_single: The faults are of one row: their places begin in it.
    """
    try:
        yield
    except RowNotFound as error:
        raise refusal(web.HTTPNotFound, "not_found", str(error)) from error
    except RowConflict as error:
        raise _conflict(error) from error
    except SecretError as error:
        raise refusal(web.HTTPConflict, "vault", str(error)) from error
    except ConfigError as error:
        if all(is_broken(fault) for fault in error.faults):
            message = "other rows need what this changes: correct them first, or in the same document"
            raise refusal(
                web.HTTPConflict, "in_use", message, details=_details(error.faults, "")[:MOST_FAULTS]
            ) from error
        raise refused_for(_details(error.faults, PLACE if is_single else "")) from error


def _conflict(error: RowConflict) -> web.HTTPException:
    details = [
        {"name": name, "found": found if isinstance(found, str) else json.dumps(found), "expected": ""}
        for name, found in error.found.items()
    ]
    headers = {"ETag": error.tag} if error.tag else None
    return refusal(web.HTTPConflict, error.code, str(error), details=details, headers=headers)


def _details(faults: Iterable[Fault], place: re.Pattern[str] | str) -> list[dict[str, str]]:
    """Return faults as the API has them: `steps.0.notify` in place of `steps[0].notify`."""
    return [
        {
            "name": INDEX.sub(r".\1", re.sub(place, "", fault.key)) or "body",
            "found": fault.found,
            "expected": fault.expected,
        }
        for fault in faults
    ]


def _texts(value: object) -> Iterator[str]:
    """Yield every text of a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield key
            yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)


REFUSES = (408, 409, 413, 415, 422)
"""Statuses of endpoints that change the configuration."""
