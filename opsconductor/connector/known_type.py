"""What is known of an installed connector type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownType:
    """An installed connector type.

    Attributes:
        role: `source`, `channel` or `inventory`; empty: it cannot be used.
        schema: JSON schema of its configuration.
        error: Why it cannot be used; empty: it can.
    """

    name: str
    role: str = ""
    summary: str = ""
    sample: str = ""
    is_third_party: bool = False
    recipient_example: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
