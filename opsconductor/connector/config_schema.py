"""JSON schema of a connector's configuration, for forms: descriptions, defaults, secrets marked."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from opsconductor.connector.secret_fields import Pattern, models_in, secret_fields

Json = dict[str, Any]


class _Lenient(GenerateJsonSchema):
    """Describes what JSON schema cannot express (a formula, a compiled template) as any value."""

    def handle_invalid_for_json_schema(
        self, schema: core_schema.CoreSchema, error_info: str
    ) -> JsonSchemaValue:
        """Return the schema of any value."""
        del schema, error_info
        return {}


def config_schema(model: type[BaseModel]) -> Json:
    """Return the schema of a configuration (JSON Schema 2020-12).

    Descriptions are the docstrings of the fields. Secrets have `writeOnly`, and texts among them the format
    `password`.
    """
    schema: Json = model.model_json_schema(schema_generator=_Lenient)
    definitions: Json = schema.get("$defs", {})
    for known in models_in(model, set()):
        described = schema if known is model else definitions.get(known.__name__, {})
        _describe(described, known)
    for pattern in secret_fields(model):
        _mark(schema, pattern, definitions)
    return schema


def _describe(schema: Json, model: type[BaseModel]) -> None:
    """Add the docstrings of fields that have no description; write defaults as files do."""
    docstrings: dict[str, str] = {}
    for known in reversed(model.__mro__):
        if known is not BaseModel and issubclass(known, BaseModel):
            docstrings |= field_docstrings(known)
    properties: Json = schema.get("properties", {})
    for name, field in model.model_fields.items():
        described = properties.get(field.alias or name)
        if described is not None and name in docstrings:
            described.setdefault("description", docstrings[name])
        if described is not None and "default" in described:
            described["default"] = _default(model, name, field.alias or name)


def _default(model: type[BaseModel], name: str, alias: str) -> Any:
    """Return a default as a file has it; pydantic writes those in lists by their type, not by the field's."""
    value = model.model_fields[name].get_default(call_default_factory=True, validated_data={})
    return model.model_construct(**{alias: value}).model_dump(mode="json", include={name})[name]


@cache
def field_docstrings(model: type[BaseModel]) -> Mapping[str, str]:
    """Return the text below each field of a class, as one paragraph; empty without its source."""
    try:
        (written,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    except (OSError, TypeError, SyntaxError):
        return {}
    assert isinstance(written, ast.ClassDef)
    found = {}
    for field, below in zip(written.body, written.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
    return found


def _mark(schema: Json, pattern: Pattern, definitions: Json) -> None:
    """Mark the secret at a path, in all variants of the schema."""
    if not pattern:
        schema["writeOnly"] = True
        if schema.get("type") == "string":
            schema["format"] = "password"
    if "$ref" in schema:
        _mark(definitions[schema["$ref"].rpartition("/")[2]], pattern, definitions) if pattern else None
    for variant in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        _mark(variant, pattern, definitions)
    if pattern:
        for below in _below(schema, pattern[0]):
            _mark(below, pattern[1:], definitions)


def _below(schema: Json, key: str) -> Iterator[Json]:
    """Yield the schemas of the values under a key; `*` stands for list positions and keys of mappings."""
    if key == "*":
        beside = (schema.get("items"), schema.get("additionalProperties"), *schema.get("prefixItems", ()))
        yield from (each for each in beside if isinstance(each, dict))
    elif key in schema.get("properties", {}):
        yield schema["properties"][key]
