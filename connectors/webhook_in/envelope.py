"""Posts as one JSON document, whatever their encoding, without their secrets."""

import base64
import json
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from connectors.webhook_in.config import FormatName
from connectors.webhook_in.secret_words import has_secrets, without_secrets
from opsconductor.connector.language.json_text import read_json
from opsconductor.connector.post import Post
from opsconductor.errors import DecodeError

DEEPEST = 32
"""Nesting of objects and lists; the deepest of the formats has eight."""
CONTAINERS = frozenset({dict, list})
STRUCTURED = "application/cloudevents"
PREFIX = "ce-"
REQUIRED = frozenset({"ce-specversion", "ce-id", "ce-source", "ce-type"})
TOKEN = "token"  # noqa: S105 - the name of a parameter

REASONS = {
    "no_json": "the body is not JSON",
    "too_deep": "objects and lists are nested more than 32 levels deep",
    "wrong_shape": "the document does not have the configured format",
}
"""All reasons of a DecodeError of this connector."""


def parse(body: bytes) -> object:
    """Parse a JSON document.

    Raises:
        DecodeError: `no_json` or `too_deep`.
    """
    return _parsed(body)[0]


def write(document: object) -> bytes:
    """Serialize a document so that `parse` reads it back."""
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def document_of(post: Post, form: FormatName) -> tuple[object, bytes]:
    """Return the document of a post and its bytes, both without secrets.

    Raises:
        DecodeError: `no_json` or `too_deep`.
    """
    found = _read(post, form)
    if found is None:
        document, names = _parsed(post.body)
        if not has_secrets(names, post.body):
            return document, post.body
        found = document
    cleaned = without_secrets(found)
    return cleaned, write(cleaned)


def _read(post: Post, form: FormatName) -> object | None:
    """Return a document from the parts outside of the body; None: the body is the document."""
    if form is FormatName.CLOUDEVENTS and _is_binary(post.headers):
        return _of_binary(post)
    if form is FormatName.CLOUDEVENTS and b"data_base64" in post.body:
        return _unpacked(parse(post.body))
    if form is FormatName.LIBRENMS and not post.body.strip():
        return {name: value for name, value in post.query.items() if name != TOKEN}
    return None


def _is_binary(headers: Mapping[str, str]) -> bool:
    return not headers.get("content-type", "").startswith(STRUCTURED) and headers.keys() >= REQUIRED


def _of_binary(post: Post) -> dict[str, object]:
    """Return the attributes in the headers with the data of the body, in the form of structured events."""
    event: dict[str, object] = {
        name.removeprefix(PREFIX): unquote(value)
        for name, value in post.headers.items()
        if name.startswith(PREFIX)
    }
    kind = event["datacontenttype"] = post.headers.get("content-type", "")
    if not post.body:
        return event
    if "json" in kind or not kind:
        return {**event, "data": parse(post.body)}
    return {**event, "data": post.body.decode(errors="backslashreplace")}


def _unpacked(document: object) -> object:
    """Replace `data_base64` of structured events by `data`, if it contains JSON or text."""
    if isinstance(document, list):
        return [_unpacked(event) for event in document if not isinstance(event, list)]
    packed = document.get("data_base64") if isinstance(document, dict) else None
    if not isinstance(packed, str):
        return document
    try:
        value = base64.b64decode(packed, validate=True).decode()
    except ValueError:
        return document
    try:
        data = parse(value.encode())
    except DecodeError:
        data = value
    return {**document, "data": data}  # type: ignore[dict-item]


def _parsed(body: bytes) -> tuple[object, set[str]]:
    """Return a JSON document and all names in it."""
    try:
        document = read_json(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise DecodeError("no_json", str(error)) from error
    names: set[str] = set()
    level = [document]
    for _ in range(DEEPEST):
        level = [child for value in level for child in _below(value, names) if type(child) in CONTAINERS]
        if not level:
            return document, names
    raise DecodeError("too_deep", f"more than {DEEPEST} levels")


def _below(value: object, names: set[str]) -> Iterable[object]:
    if isinstance(value, dict):
        names.update(value)
        return value.values()
    return value if isinstance(value, list) else ()
