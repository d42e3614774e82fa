"""Index of the built connectors by name."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from opsconductor.connector.abilities import Previewer, SampleKeeper
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.checking.conformance import BuiltConnector
from opsconductor.connector.interface import Acknowledger, Channel, FileSender, Poller, Source, Verifier
from opsconductor.connector.post import PromptReceiver, Receiver, Validator


@dataclass(slots=True)
class ConnectorRegistry:
    """Connectors built by `RunningConnectors`.

    Attributes:
        built: The running ones of every role.
        sources: The sources; also recently removed ones, whose events may still be in the intake.
        channels: The channels.
        traits: Abilities and limits of the channels.
        verifiers: Those that can verify alerts.
    """

    built: dict[str, BuiltConnector] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    traits: dict[str, ChannelTraits] = field(default_factory=dict)
    verifiers: dict[str, Verifier] = field(default_factory=dict)

    def receiver(self, name: str) -> Receiver | None:
        """Return the connector of a name if it accepts posts."""
        found = self.built.get(name)
        return None if found is None else found.receiver

    def prompt_receiver(self, name: str) -> PromptReceiver | None:
        """Return the connector of a name if it takes most posts at once."""
        found = self.built.get(name)
        return None if found is None else found.prompt_receiver

    def validator(self, name: str) -> Validator | None:
        """Return the connector of a name if it answers validation requests."""
        found = self.built.get(name)
        return None if found is None else found.validator

    def acknowledger(self, name: str) -> Acknowledger | None:
        """Return the connector of a name if it forwards acknowledgements."""
        found = self.built.get(name)
        return None if found is None else found.acknowledger

    def file_sender(self, name: str) -> FileSender | None:
        """Return the channel of a name if it sends files."""
        found = self.built.get(name)
        return None if found is None else found.file_sender

    def previewer(self, name: str) -> Previewer | None:
        """Return the channel of a name if it has templates of its own."""
        found = self.built.get(name)
        return None if found is None else found.previewer

    def poller(self, name: str) -> Poller | None:
        """Return the connector of a name if it can report abandoned scopes."""
        found = self.built.get(name)
        return None if found is None else found.poller

    def sample_keepers(self) -> Iterator[tuple[str, SampleKeeper]]:
        """Yield those that keep messages that they could not decode."""
        for name, found in self.built.items():
            if found.sample_keeper is not None:
                yield name, found.sample_keeper
