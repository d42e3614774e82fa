"""Settings of what inventory systems tell: what of it suppresses, and how much of it may go at once."""

from pydantic import Field

from opsconductor.config.section import Section


class InventorySettings(Section):
    """How far inventory systems (NetBox) are believed."""

    confidence_floor: float = Field(default=0.5, ge=0, le=1)
    """Dependencies that are less sure are shown and suppress nothing. 0.5: what a connector finds is more
    likely so than not."""

    largest_loss: float = Field(default=0.3, ge=0, le=1)
    """The share of a connector's devices, or of its dependencies, that may go at once. More waits for
    `opsconductor inventory accept`: a permission that is narrowed by accident looks like that. 1: never
    wait."""

    smallest_loss: int = Field(default=5, ge=0)
    """So many may always go at once, whatever their share: in a small network three switches are a third."""
