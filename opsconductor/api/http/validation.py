"""Validation of requests against their declaration, with a list of all faults."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast, get_origin
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from opsconductor.api.http.parameters import Id
from opsconductor.api.http.responses import JSON, refusal
from opsconductor.config.faults import keys_of, model_at, unknown_key
from opsconductor.connector.secret_fields import is_secret, secret_fields
from opsconductor.model.text import listed_values

LONGEST_FOUND = 100
MOST_FAULTS = 20
"""Maximum number of faults in an answer; the others show up after these are corrected."""
HIDDEN = "a secret (not shown)"

Fault = dict[str, str]
"""One fault: `name`, `found`, `expected`."""

Declared = TypeVar("Declared", bound=BaseModel)

an_id: TypeAdapter[UUID] = TypeAdapter(Id)


def read_query(request: web.Request, declared: type[Declared]) -> Declared:
    """Validate the query string; several values are repeated parameters or separated by commas.

    A comma within a value has a backslash in front.

    Raises:
        web.HTTPBadRequest: With all faults.
    """
    if not request.query_string:
        return cast("Declared", _without_query(declared))
    values: dict[str, object] = {}
    faults = []
    takes_many = _names_of_many(declared)
    for name in dict.fromkeys(request.query):
        given = request.query.getall(name)
        if name in takes_many:
            values[name] = [part for text in given for part in listed_values(text)]
        elif len(given) == 1:
            values[name] = given[0]
        else:
            faults.append({"name": name, "found": f"{len(given)} values", "expected": "one value"})
    try:
        checked = declared.model_validate(values)
    except ValidationError as error:
        raise refused_for(faults + faults_of(error, declared), web.HTTPBadRequest) from error
    if faults:
        raise refused_for(faults, web.HTTPBadRequest)
    return checked


async def read_body(
    request: web.Request, declared: type[Declared], *, at_most: int, within_s: float
) -> Declared:
    """Validate the JSON body; an empty one counts as `{}`.

    Args:
        at_most: Maximum size in bytes.
        within_s: Seconds within which all of it must arrive.

    Raises:
        web.HTTPUnsupportedMediaType: It is not JSON.
        web.HTTPBadRequest: It cannot be parsed.
        web.HTTPUnprocessableEntity: With all faults.
        web.HTTPRequestEntityTooLarge: It is longer than the limit.
        web.HTTPRequestTimeout: It does not arrive in time.
    """
    body = await read_bytes(request, at_most=at_most, within_s=within_s)
    if body and request.content_type != JSON:
        message = f"send the body as {JSON}"
        raise refusal(web.HTTPUnsupportedMediaType, "unsupported_media_type", message)
    try:
        return declared.model_validate_json(body or b"{}")
    except ValidationError as error:
        is_json = all(one["type"] != "json_invalid" for one in error.errors(include_url=False))
        kind = web.HTTPUnprocessableEntity if is_json else web.HTTPBadRequest
        raise refused_for(faults_of(error, declared), kind) from error


async def read_bytes(
    request: web.Request, *, at_most: int, within_s: float, grown: Callable[[int], None] | None = None
) -> bytes:
    """Read a body of any kind, decompressed if it is compressed.

    Args:
        grown: Called with the bytes received so far after each part.

    Raises:
        web.HTTPRequestEntityTooLarge: It is longer than the limit.
        web.HTTPRequestTimeout: It does not arrive in time.
    """
    content = request.content
    if content.is_eof() and content.total_bytes <= at_most:  # it came together with the head
        complete = content.read_nowait()
        if grown is not None:
            grown(len(complete))
        return complete
    body = bytearray()
    try:
        async with asyncio.timeout(within_s):
            while len(body) <= at_most and (chunk := await content.readany()):
                body += chunk
                if grown is not None:
                    grown(len(body))
    except TimeoutError as error:
        message = f"the body did not come within {within_s:g} s"
        raise refusal(web.HTTPRequestTimeout, "too_slow", message) from error
    if len(body) > at_most:
        raise web.HTTPRequestEntityTooLarge(max_size=at_most, actual_size=len(body))
    return bytes(body)


def read_id(request: web.Request) -> UUID | None:
    """Return the id in the path, or None if the path has none."""
    text = request.match_info.get("id")
    if text is None:
        return None
    try:
        return an_id.validate_python(text)
    except ValidationError as error:
        raise refused_for(faults_of(error, None, name="id"), web.HTTPBadRequest) from error


@cache
def _without_query(declared: type[BaseModel]) -> BaseModel:
    """Return the parameters of a request that has none, validated once: they are frozen."""
    try:
        return declared.model_validate({})
    except ValidationError as error:
        raise refused_for(faults_of(error, declared), web.HTTPBadRequest) from error


@cache
def _names_of_many(declared: type[BaseModel]) -> frozenset[str]:
    fields = declared.model_fields.items()
    return frozenset(field.alias or name for name, field in fields if get_origin(field.annotation) is tuple)


def refused_for(
    faults: Sequence[Fault],
    kind: type[web.HTTPException] = web.HTTPUnprocessableEntity,
    *,
    most: int = MOST_FAULTS,
) -> web.HTTPException:
    """Return the error that lists the faults.

    Args:
        kind: Default: the body can be parsed, but its values are wrong.
        most: Maximum number of listed faults; the message names the first `MOST_FAULTS`.
    """
    shown = faults[:most]
    named = ", ".join(dict.fromkeys(fault["name"] for fault in shown[:MOST_FAULTS]))
    if rest := len(faults) - min(len(shown), MOST_FAULTS):
        named += f" and {rest} more"
    return refusal(kind, "invalid", f"wrong in this request: {named}", details=shown)


def faults_of(error: ValidationError, declared: type[BaseModel] | None, *, name: str = "body") -> list[Fault]:
    """Return the faults of a validation error; `name` is the place of those without one of their own."""
    return [_fault(one, declared, name) for one in error.errors(include_url=False)]


def _fault(one: ErrorDetails, declared: type[BaseModel] | None, name: str) -> Fault:
    place = ".".join(str(part) for part in one["loc"]) or name
    found, expected = _shown(one["input"]), _expectation(one)
    if declared is not None and is_secret(tuple(one["loc"]), secret_fields(declared)):
        found = HIDDEN
    if one["type"] == "missing":
        found, expected = "nothing", "a value, it is required"
    elif one["type"] == "extra_forbidden" and declared is not None:
        around = model_at(declared, one["loc"][:-1])
        expected = unknown_key(str(one["loc"][-1]), keys_of(around) if around else ())
    elif one["type"] == "json_invalid":
        found, expected = "text that is not JSON", expected.removeprefix("Invalid ")
    return {"name": place[:LONGEST_FOUND], "found": found, "expected": expected}


def _expectation(one: ErrorDetails) -> str:
    context: Mapping[str, Any] = one.get("ctx", {})
    if one["type"] == "value_error":
        return str(context["error"])
    words = one["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return words.replace("String should ", "text that should ", 1)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_FOUND else text[:LONGEST_FOUND] + "…"
