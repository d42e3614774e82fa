"""Clock for silence: runs while we are connected, and continues after a restart."""

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType

from connectors.mqtt.memory import file_of, read_file, write_file
from connectors.mqtt.rule import TopicRule
from connectors.mqtt.silences import TopicSilences
from opsconductor.connector.context import ConnectorContext

log = logging.getLogger(__name__)

SAVE_EVERY_S = 60.0
LONGEST_WAIT_S = 30.0


class SilenceClock:
    """Total time connected; a context manager for the duration of a connection."""

    def __init__(
        self, context: ConnectorContext, silences: TopicSilences, rules: Sequence[TopicRule]
    ) -> None:
        self._name = context.name
        self._file = file_of(context.data_dir, context.name, "silences")
        self._silences = silences
        self._rules = [rule for rule in rules if rule.silence is not None]
        self._passed_s = 0.0
        self._since: float | None = None
        self._saved_s = 0.0

    def __enter__(self) -> None:
        self._since = asyncio.get_running_loop().time()
        for rule in self._rules:
            if rule.pattern.is_exact and rule.silence is not None:
                self._silences.expect((rule.silence.total_seconds(), rule.topic), self.now_s())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._passed_s, self._since = self.now_s(), None

    def now_s(self) -> float:
        """Return the seconds connected since the start."""
        if self._since is None:
            return self._passed_s
        return self._passed_s + asyncio.get_running_loop().time() - self._since

    def wait_s(self) -> float:
        """Return the seconds until the next topic becomes silent, bounded."""
        return min(LONGEST_WAIT_S, max(0.0, self._silences.next_due_s() - self.now_s()))

    async def load(self) -> None:
        """Load the state stored before the restart; a damaged file counts as missing."""
        allowed = {rule.silence.total_seconds() for rule in self._rules if rule.silence is not None}
        if not allowed or len(self._silences):
            return
        try:
            text = await asyncio.to_thread(read_file, self._file)
            self._silences.load(text, allowed)
        except (OSError, ValueError) as error:
            log.warning(
                "the times of the last messages cannot be loaded",
                extra={"connector": self._name, "file": str(self._file), "error": str(error)},
            )

    async def save_if_due(self) -> None:
        """Save the state if that is due."""
        if self.now_s() - self._saved_s >= SAVE_EVERY_S:
            await self.save()

    async def save(self) -> None:
        """Save how long each topic has been silent."""
        self._saved_s = self.now_s()
        if not self._rules:
            return
        text = self._silences.dump(self._saved_s)
        try:
            await asyncio.to_thread(write_file, self._file, text)
        except OSError as error:
            log.warning(
                "the times of the last messages cannot be saved",
                extra={"connector": self._name, "file": str(self._file), "error": str(error)},
            )
