"""Settings of inventories: which dependencies suppress, and how much may be retired at once."""

from pydantic import Field

from opsconductor.config.section import Section


class InventorySettings(Section):
    """How far the data of inventory systems (NetBox) are trusted."""

    confidence_floor: float = Field(default=0.5, ge=0, le=1)
    """Dependencies with a lower confidence are shown and suppress nothing. 0.5: a dependency found by a
    connector is more likely to exist than not.
    """

    largest_loss: float = Field(default=0.3, ge=0, le=1)
    """The share of a connector's devices, or of its dependencies, that may be retired at once. More waits for
    `opsconductor inventory accept`, since an accidentally restricted permission has the same effect. 1: never
    wait.
    """

    smallest_loss: int = Field(default=5, ge=0)
    """This many may always be retired at once, whatever their share: in a small network three switches are a
    third.
    """
