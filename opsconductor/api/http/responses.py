"""The format of every answer: `success` with `data` and `meta`, or with `error`."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import TypeAdapter

from opsconductor.errors import (
    AccountConflict,
    AlertConflict,
    AlertNotFound,
    CommandExpired,
    CursorMismatch,
    InventoryConflict,
    Refused,
    SignInRefused,
    StoreRejected,
    StoreUnavailable,
    Unanswered,
    UnknownAccount,
)

log = logging.getLogger(__name__)

JSON = "application/json"
COMPRESSED_IN_THREAD_BYTES = 16 * 1024

any_json: TypeAdapter[Any] = TypeAdapter(Any)


class TooLarge(web.HTTPClientError):
    """HTTP 413 with our own text: aiohttp's gives only bytes."""

    status_code = 413


def answer(data: object, *, meta: Mapping[str, object] | None = None, status: int = 200) -> web.Response:
    """Wrap the result of a request; pydantic models are written in their JSON form."""
    return web.Response(
        body=success(data, meta),
        status=status,
        content_type=JSON,
        charset="utf-8",
        zlib_executor_size=COMPRESSED_IN_THREAD_BYTES,
    )


def success(data: object, meta: Mapping[str, object] | None = None) -> bytes:
    """Return the body of an answer."""
    return any_json.dump_json({"success": True, "data": data, "meta": meta or {}}, by_alias=True)


def failure(code: str, message: str, details: Sequence[Mapping[str, str]] = ()) -> str:
    """Return the body of an error answer.

    Args:
        code: Stable identifier for programs.
        details: The individual faults: `name`, `found`, `expected`.
    """
    error = {"code": code, "message": message, "details": list(details)}
    return json.dumps({"success": False, "error": error})


def refusal(
    kind: type[web.HTTPException],
    code: str,
    message: str,
    *,
    details: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> web.HTTPException:
    """Return the exception that ends a request with an error answer."""
    return kind(text=failure(code, message, details), content_type=JSON, headers=headers)


def refused(error: Refused) -> web.HTTPException:
    """Return the error response with the status that the connector has set."""
    kinds: dict[int, type[web.HTTPException]] = {
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        409: web.HTTPConflict,
        413: TooLarge,
        415: web.HTTPUnsupportedMediaType,
        422: web.HTTPUnprocessableEntity,
        429: web.HTTPTooManyRequests,
        503: web.HTTPServiceUnavailable,
    }
    later = {"Retry-After": "5"}
    headers = {401: {"WWW-Authenticate": "Basic"}, 429: later, 503: later}.get(error.status)
    kind = kinds.get(error.status, web.HTTPBadRequest)
    return refusal(kind, error.reason, str(error), headers=headers)


@web.middleware
async def enveloped(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Convert every failure to the error format: aiohttp's own (404, 405, 413) and our errors."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.content_type == JSON or error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _rewritten(error)
    except (AlertNotFound, UnknownAccount) as error:
        raise refusal(web.HTTPNotFound, "not_found", str(error)) from error
    except SignInRefused as error:
        raise refusal(web.HTTPForbidden, "sign_in_refused", str(error)) from error
    except AlertConflict as error:
        details = [{"name": name, "found": found, "expected": ""} for name, found in error.found.items()]
        raise refusal(web.HTTPConflict, "conflict", str(error), details=details) from error
    except (AccountConflict, CursorMismatch, InventoryConflict) as error:
        raise refusal(web.HTTPConflict, "conflict", str(error)) from error
    except CommandExpired as error:
        raise refusal(web.HTTPConflict, "expired", str(error)) from error
    except StoreRejected as error:
        log.warning("a request was refused by the database", extra=_about(request, error))
        raise refusal(web.HTTPBadRequest, "refused", "the database refuses these values") from error
    except StoreUnavailable as error:
        # the database itself logs this, once for all requests
        away = "the database is away, and nothing else can answer this"
        message = f"{error if isinstance(error, Unanswered) else away}; try again in a moment"
        raise refusal(
            web.HTTPServiceUnavailable, "unavailable", message, headers={"Retry-After": "5"}
        ) from error


def _rewritten(error: web.HTTPException) -> web.Response:
    status = HTTPStatus(error.status)
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    text = failure(status.phrase.lower().replace(" ", "_"), status.description or status.phrase)
    return web.Response(text=text, status=error.status, content_type=JSON, headers=headers)


def _about(request: web.Request, error: Exception) -> dict[str, object]:
    return {"path": request.path, "address": request.remote, "error": str(error)}
