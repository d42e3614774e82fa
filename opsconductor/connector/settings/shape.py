"""Text of a certain form: a pattern, and a description for the user of what is expected."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

ERROR_TYPE = "shape"


@dataclass(frozen=True, slots=True)
class Shape:
    """Constraint of a text field, as in `Annotated[str, HOST]`; in place of pydantic's `pattern`.

    A value of another form is refused with `words`; the JSON schema has the pattern.

    Attributes:
        pattern: Regular expression, anchored if the whole text has to match. Pydantic's engine searches it in
            linear time.
        words: What is expected, with an example; it completes "expected ...".
    """

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the form after what else is required of the text."""
        fitting = core_schema.str_schema(pattern=self.pattern)
        said = core_schema.custom_error_schema(
            fitting, custom_error_type=ERROR_TYPE, custom_error_message=self.words
        )
        return core_schema.chain_schema([handler(source), said])

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the schema of the text with the pattern."""
        return {**handler(schema), "pattern": self.pattern}


HOST = Shape(
    r"^[A-Za-z0-9._:-]+$", "a host name or an IP address without port, such as mail.example.net or 192.0.2.25"
)
MEDIA_TYPE = Shape(
    r"^[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+(; ?charset=[A-Za-z0-9-]+)?$",
    "a media type such as application/json or text/plain; charset=utf-8",
)
