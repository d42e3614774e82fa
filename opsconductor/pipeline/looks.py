"""Of which alerts somebody makes sure by a look at the device before people are told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from opsconductor.model.alert import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What the engine knows of looks; it never asks for one itself.

    Attributes:
        wants: Tells whether a new alert is looked at; answers at once, without the network.
        hold_time: So long people are not told while the outcome is not known.
    """

    wants: Callable[[Alert], bool]
    hold_time: timedelta


NO_LOOKS = Looks(wants=lambda _: False, hold_time=timedelta(0))
"""Nobody looks at anything, and nothing is held for it."""
