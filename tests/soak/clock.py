"""A clock that can be set wrong for the daemon alone, by Debian's libfaketime."""

from collections.abc import Mapping
from pathlib import Path

LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


class WrongClock:
    """Gives a process a clock that follows a file; PostgreSQL and the devices keep the right one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set_to(0)

    @property
    def is_available(self) -> bool:
        """Return whether libfaketime is installed."""
        return bool(LIBRARIES)

    def set_to(self, offset_s: float) -> None:
        """Set the clock so many seconds ahead (negative: behind) from now on."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{offset_s:+f}s\n")
        beside.rename(self._file)

    def environment(self) -> Mapping[str, str]:
        """List what the process needs in its environment; CLOCK_MONOTONIC stays as it is."""
        return {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }
