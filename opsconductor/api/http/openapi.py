"""Generator of the OpenAPI 3.1 document from the declarations of the endpoints."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, TypeAdapter

from opsconductor.api.http.endpoint import Endpoint
from opsconductor.api.http.parameters import NO_NUL
from opsconductor.api.http.responses import JSON
from opsconductor.store.access.permissions import SIGNED_IN

REFERENCE = "#/components/schemas/{model}"
ALERT_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
CONNECTOR_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}

NO_NUL_NO_COMMA = r"^[^\x00,]*$"
"""Pattern of one of several values in a query: a comma separates two."""

Json = dict[str, Any]
Data = TypeVar("Data")


class Success(BaseModel, Generic[Data]):
    """Every successful answer."""

    success: Literal[True]
    data: Data
    meta: dict[str, Any]


class FaultSchema(BaseModel):
    """One fault of a request."""

    name: str
    found: str
    expected: str


class Error(BaseModel):
    """Reason of an error."""

    code: str
    message: str
    details: list[FaultSchema]


class Failure(BaseModel):
    """Every error answer."""

    success: Literal[False]
    error: Error


def describe(endpoints: Sequence[Endpoint], version: str) -> Json:
    """Return the whole document.

    Args:
        version: Of the daemon.
    """
    writer = _Writer()
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = writer.operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OpsConductor",
            "version": version,
            "description": "Alerts of a network operations centre. Times are UTC, ISO 8601 with `Z`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(writer.definitions.items())),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "`ops_...`"}},
        },
    }


class _Writer:
    """Collects the definitions that the operations refer to."""

    def __init__(self) -> None:
        self.definitions: Json = {}

    def operation(self, endpoint: Endpoint) -> Json:
        """Return the description of one endpoint."""
        permission = endpoint.permission
        needs = f"Needs the permission `{permission}`." if permission else "Needs no key."
        if permission == SIGNED_IN:
            needs = "Needs an API key or a session."
        operation: Json = {
            "operationId": _name_of(endpoint),
            "summary": endpoint.summary,
            "description": needs,
            "tags": [endpoint.tag],
            "parameters": self._parameters(endpoint),
            "responses": self._responses(endpoint),
            "security": [{"key": []}] if permission else [{}, {"key": []}],
        }
        if endpoint.body is not None:
            operation["requestBody"] = {
                "required": any(field.is_required() for field in endpoint.body.model_fields.values()),
                "content": {JSON: {"schema": self._schema(endpoint.body, "validation")}},
            }
        if endpoint.accepts:
            content = {
                media: {"schema": self._schema(kind, "validation")}
                for media, kind in endpoint.accepts.items()
            }
            operation["requestBody"] = {"required": True, "content": content}
        return operation

    def _parameters(self, endpoint: Endpoint) -> list[Json]:
        declared = endpoint.query.model_json_schema(ref_template=REFERENCE)
        self.definitions.update(declared.get("$defs", {}))
        required = declared.get("required", ())
        in_path = {"{id}": ALERT_ID, "{name}": CONNECTOR_NAME}
        parameters = [parameter for place, parameter in in_path.items() if place in endpoint.path]
        for name, schema in declared.get("properties", {}).items():
            about = schema.pop("description", "")
            if schema.get("items", {}).get("pattern") == NO_NUL.pattern:
                schema["items"]["pattern"] = NO_NUL_NO_COMMA
            parameters.append(
                {
                    "name": name,
                    "in": "query",
                    "description": about,
                    "required": name in required,
                    "schema": _without_null(schema),
                }
            )
        return parameters

    def _responses(self, endpoint: Endpoint) -> Json:
        if endpoint.succeeds is HTTPStatus.SWITCHING_PROTOCOLS:
            responses: Json = {"101": {"description": endpoint.succeeds.phrase}}
        else:
            success = self._success(endpoint)
            content = {media: {"schema": success} for media in (endpoint.media, *endpoint.other_media)}
            succeeds = endpoint.succeeds
            responses = {str(succeeds.value): {"description": succeeds.phrase, "content": content}}
        refused = self._schema(Failure, "serialization")
        for status in _refusals(endpoint):
            responses[str(status.value)] = _response(status, JSON, refused)
        return responses

    def _success(self, endpoint: Endpoint) -> Json:
        if endpoint.media != JSON:
            return {"type": "string"}
        if endpoint.answers is None:
            return {"type": "object"}
        return self._schema(Success[endpoint.answers], "serialization")  # type: ignore[name-defined]

    def _schema(self, declared: Any, mode: Literal["validation", "serialization"]) -> Json:
        adapter: TypeAdapter[Any] = TypeAdapter(declared)
        schemas, found = TypeAdapter.json_schemas([("it", mode, adapter)], ref_template=REFERENCE)
        definitions = found.get("$defs", {})
        if mode == "validation":
            self.definitions.update(definitions)
        else:  # what is both is described as a request may hold it: rows are sent back as answered
            self.definitions = {**definitions, **self.definitions}
        return schemas["it", mode]


def _name_of(endpoint: Endpoint) -> str:
    """Return a name for the function that calls an endpoint: `post_alerts_id_notes`."""
    words = re.findall(r"[A-Za-z0-9]+", endpoint.path.removeprefix("/api/v1"))
    return "_".join([endpoint.method.lower(), *words])


def _refusals(endpoint: Endpoint) -> list[HTTPStatus]:
    """Return the error statuses that an endpoint may answer."""
    statuses = {400, 401, 429, 500, 503, *endpoint.refuses}
    if endpoint.permission:
        statuses.add(403)
    if "{" in endpoint.path:
        statuses.add(404)
    if endpoint.body is not None or endpoint.accepts:
        statuses |= {408, 413, 415, 422}
    return [HTTPStatus(status) for status in sorted(statuses)]


def _response(status: HTTPStatus, media: str, schema: Json) -> Json:
    return {"description": status.phrase, "content": {media: {"schema": schema}}}


def _without_null(schema: Json) -> Json:
    """Describe an optional parameter by its type when present."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        schema = {**choices[0], **schema}
        del schema["anyOf"], schema["default"]
    return {key: value for key, value in schema.items() if key != "title"}
