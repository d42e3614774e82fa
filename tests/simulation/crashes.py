"""A world in which the process dies between any two steps, and PostgreSQL goes and comes back.

The shell around the engine is modelled as it is: decide, make durable (in PostgreSQL, or in the spool
while PostgreSQL is away or the spool is not empty), acknowledge. Unacknowledged reports are sent
again. After each death everything but PostgreSQL and the spool is gone.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import ClassVar

from opsconductor.inventory.identify import identify
from opsconductor.model.changes import Changes, joined_changes
from opsconductor.model.normalized import NormalizedAlert
from tests.simulation.database import Database
from tests.simulation.world import ACTS, World

GROUP = 3
"""Entries that are drained in one transaction."""
DEATHS = 0.04
"""Probability of a death at each of the possible moments."""


class DeathError(Exception):
    """The process is gone."""


class CrashingWorld(World):
    """A network whose daemon is killed again and again.

    Attributes:
        database: What is durable, in PostgreSQL or in the spool: what the engine may build on.
        postgres: What PostgreSQL has.
        spool: What waits for it, the oldest first.
        unanswered: Unacknowledged reports of devices.
        reported: How many problems devices have reported, each once.
        repeated: How many of them were durable when the process died before it could say so.
        deaths: How often the process died, by the step that it had just done.
    """

    acts: ClassVar[Mapping[Callable[["CrashingWorld"], None], float]]

    def __init__(self, seed: int, *, has_people: bool = False) -> None:
        super().__init__(seed, has_people=has_people)
        self.postgres = Database()
        self.spool: deque[Changes] = deque()
        self.is_away = False
        self.is_mortal = True
        self.unanswered: list[NormalizedAlert] = []
        self.reported = self.repeated = 0
        self.deaths: dict[str, int] = {}

    def live(self, steps: int) -> None:
        """Run steps, and start anew after each death."""
        for _ in range(steps):
            try:
                self.happen()
            except DeathError:
                self.start()
                self.check()
        self.is_mortal = self.is_away = False
        self.drain()
        self._send([])
        self.end()
        assert not self.unanswered
        assert self.sent == self.reported + self.repeated, "acknowledged and not counted"

    def check(self) -> None:
        """Check all laws; PostgreSQL has everything as soon as the spool is empty."""
        super().check()
        if not self.spool:
            assert self.postgres.alerts == self.database.alerts
            assert self.postgres.history == self.database.history
            assert self.postgres.outbox == self.database.outbox
            assert self.postgres.documents == self.database.documents

    def start(self) -> None:
        """Start anew from what is durable; PostgreSQL must be there, and gets the spool first."""
        self.is_away = False
        while self.spool:
            try:
                self.drain()
            except DeathError:
                continue
        self._forget_review()
        self.engine = self._engine()
        self._load(self.postgres)

    def restart(self) -> None:
        """Stop in order and start anew."""
        self._commit(self.engine.tick(self.now))
        self.start()

    def go_away(self) -> None:
        """Stop PostgreSQL, or start it again."""
        self.is_away = not self.is_away

    def drain(self) -> None:
        """Bring a few groups from the spool to PostgreSQL, or all that there are."""
        while self.spool and not self.is_away:
            group = list(islice(self.spool, GROUP))
            self.postgres.write_again(joined_changes(group))
            self._step("drained")
            for _ in group:
                self.spool.popleft()
            self._step("removed")
            if self.is_mortal and self.random.random() < 0.3:
                return

    def send_again(self) -> None:
        """Send what was not acknowledged."""
        self._send([])

    def _send(self, reports: Sequence[NormalizedAlert]) -> None:
        """Process reports, with those that were not acknowledged before."""
        self.unanswered += reports
        self.reported += problems_in(reports)
        batch = tuple(self.unanswered)
        changes = self.engine.apply(identify(batch, self.inventory), self.now)
        assert changes.folded == len(batch)
        self._step("decided")
        self._keep(changes)
        self.sent += problems_in(batch)
        self.repeated += problems_in(batch)
        self._step("committed")
        self.unanswered.clear()
        self.repeated -= problems_in(batch)
        self._step("acknowledged")

    def _commit(self, changes: Changes) -> None:
        self._step("decided")
        self._keep(changes)
        self._step("committed")

    def _keep(self, changes: Changes) -> None:
        """Make changes durable where their order allows it."""
        super()._commit(changes)
        if self.is_away or self.spool:
            self.spool.append(changes)
        else:
            self.postgres.write(changes)

    def _step(self, name: str) -> None:
        if self.is_mortal and self.random.random() < DEATHS:
            self.deaths[name] = self.deaths.get(name, 0) + 1
            raise DeathError(name)


def problems_in(reports: Sequence[NormalizedAlert]) -> int:
    """Count those that are no clears."""
    return sum(not each.is_clear for each in reports)


CrashingWorld.acts = {
    **{act: weight for act, weight in ACTS.items() if act is not World.restart},
    CrashingWorld.restart: 3,
    CrashingWorld.go_away: 6,
    CrashingWorld.drain: 12,
    CrashingWorld.send_again: 12,
}
