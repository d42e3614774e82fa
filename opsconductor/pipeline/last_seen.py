"""When the devices that must not be silent were last heard."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from opsconductor.model.identified import IdentifiedReport


class LastSeen:
    """Remembers for some devices when something came from them; the others cost nothing.

    Attributes:
        last_s: By address: seconds of the monotonic clock; from the start on as if just heard.
    """

    def __init__(self, devices: Iterable[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.last_s: Mapping[str, float] = dict.fromkeys(devices, clock())

    def note(self, events: Sequence[IdentifiedReport]) -> None:
        """Look through a batch."""
        if not self.last_s:
            return
        came = {event.device_ip for event in events} & self.last_s.keys()
        self.last_s = {**self.last_s, **dict.fromkeys((device for device in came if device), self._clock())}
