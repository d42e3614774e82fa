"""Bases of the models of provisioning files."""

from typing import Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer


class Declared(BaseModel):
    """One declared row; unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Short(Declared):
    """Part of a row that is stored as JSON; empty values are omitted there."""

    @model_serializer(mode="wrap")
    def _without_empty(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value not in ((), [], {}, "", None)}
