"""The clock of silence: runs while we are connected, and outlives a restart."""

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


class Hearing:
    """Tells how long we have been connected in all; a context while we are."""

    def __init__(
        self, context: ConnectorContext, silences: TopicSilences, rules: Sequence[TopicRule]
    ) -> None:
        self._name = context.name
        self._file = file_of(context.data_dir, context.name, "heard")
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
        """Seconds for which we have been connected since the start."""
        if self._since is None:
            return self._passed_s
        return self._passed_s + asyncio.get_running_loop().time() - self._since

    def wait_s(self) -> float:
        """Seconds until a topic will have been silent for too long, bounded."""
        return min(LONGEST_WAIT_S, max(0.0, self._silences.next_due_s() - self.now_s()))

    async def load(self) -> None:
        """Take over what an earlier life has heard; a damaged file is as good as none."""
        allowed = {rule.silence.total_seconds() for rule in self._rules if rule.silence is not None}
        if not allowed or len(self._silences):
            return
        try:
            text = await asyncio.to_thread(read_file, self._file)
            self._silences.load(text, allowed)
        except (OSError, ValueError) as error:
            log.warning(
                "when topics were heard last is not known any more",
                extra={"connector": self._name, "file": str(self._file), "error": str(error)},
            )

    async def save_now_and_then(self) -> None:
        """Save when the last time is long enough ago."""
        if self.now_s() - self._saved_s >= SAVE_EVERY_S:
            await self.save()

    async def save(self) -> None:
        """Write down how long each topic has been silent."""
        self._saved_s = self.now_s()
        if not self._rules:
            return
        text = self._silences.dump(self._saved_s)
        try:
            await asyncio.to_thread(write_file, self._file, text)
        except OSError as error:
            log.warning(
                "when topics were heard last cannot be saved",
                extra={"connector": self._name, "file": str(self._file), "error": str(error)},
            )
