"""Worlds with more variety: ids of senders, scopes, commands taken back, other settings and limits.

Beside the others, so that their seeds stay what they are.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, Self

from opsconductor.config.settings import EngineSettings
from opsconductor.errors import CommandError
from opsconductor.model.command import Command, Reopen, Resolve, Unacknowledge, Unshelve
from opsconductor.model.normalized import NormalizedAlert
from tests.simulation.crashes import CrashingWorld
from tests.simulation.world import ACTS, World
from tests.support.engine.pipeline_scene import ANNA

SENDER = "zabbix"
"""The source whose reports have an id of the problem."""


class VariedWorld(World):
    """A network with more kinds of sources, more commands, and more changes of the configuration."""

    acts: ClassVar[Mapping[Callable[[Self], None], float]]

    def take_back(self) -> None:
        """Take a command back, or resolve an alert and take that back at once."""
        known = list(self.engine._state.book)
        if not known:
            return
        alert = self.random.choice(known)
        commands: tuple[Command, ...] = (
            Unacknowledge(alert_id=alert.id, operator=ANNA, restore=True),
            Unshelve(alert_id=alert.id, operator=ANNA, restore=True),
            Reopen(alert_id=alert.id, operator=ANNA, restore=True),
            Resolve(alert_id=alert.id, operator=ANNA),
        )
        chosen = self.random.choice((commands[:1], commands[1:2], commands[2:3], commands[:1:-1]))
        for command in chosen:
            try:
                self._commit(self.engine.command(command, self.now))
            except CommandError:
                return

    def abandon(self) -> None:
        """Remove a poller, or a target of it."""
        scopes = self.random.choice((("a",), ("b",), ("a", "b")))
        self._commit(self.engine.abandon(scopes, self.now))

    def change_settings(self) -> None:
        """Use other times."""
        self.settings = EngineSettings(
            settle_time=self.random.choice((0, 5, 60)),
            grace_time=self.random.choice((0, 30, 3_600)),
            reopen_window=self.random.choice((0, 300, 7_200)),
            flap_stable_time=self.random.choice((10, 120, 1_000)),
            clear_memory=self.random.choice((0, 60)),
        )
        self._reconfigure()

    def change_limits(self) -> None:
        """Limit the recipients of mails otherwise."""
        self.jumped = len(self.recipients.messages)
        self.policies = self._policies()
        self.engine.combine(self.policies)
        self._reconfigure()

    def _report(self) -> NormalizedAlert:
        made = super()._report()
        match self.random.randrange(6):
            case 0 | 1:
                problem = self.random.choice(("1", "2", "3", "4"))
                return made._replace(source_system=SENDER, source_alert_id=problem, has_problem_id=True)
            case 2:
                scope = self.random.choice(("a", "b"))
                return made._replace(source_system=scope, snapshot_scope=scope)
            case _:
                return made


class VariedCrashingWorld(VariedWorld, CrashingWorld):
    """The same, where the process is killed."""


MORE: Mapping[Callable[[VariedWorld], None], float] = {
    VariedWorld.take_back: 6,
    VariedWorld.abandon: 2,
    VariedWorld.change_settings: 2,
    VariedWorld.change_limits: 2,
}
VariedWorld.acts = {**ACTS, **MORE}
VariedCrashingWorld.acts = {**CrashingWorld.acts, **MORE}
