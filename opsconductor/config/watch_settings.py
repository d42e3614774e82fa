"""Settings of what the daemon watches: itself, its way to people, and whether what it is told is so."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from opsconductor.config.section import Section, as_list
from opsconductor.connector.duration import Duration, PositiveDuration, parse_duration


class RejectionSettings(Section):
    """When messages that are refused or cannot be decoded become an alert, one by sender and reason."""

    messages: Annotated[int, Field(ge=1, le=1_000)] = 5
    """So many messages of one sender for one reason within the time `within` raise the alert. 5: a person
    who tries a secret a few times is no fault, a configuration that is wrong goes on."""

    within: PositiveDuration = parse_duration("1h")
    """See `messages`. 1h: many devices send only now and then."""

    quiet_time: PositiveDuration = parse_duration("30m")
    """The alert clears after so long without another rejected message of the sender."""

    senders: Annotated[int, Field(ge=1, le=1_000)] = 20
    """So many pairs of sender and reason of a connector have alerts of their own; all others together have
    one: addresses can be invented."""


class SelfWatchSettings(Section):
    """What the daemon watches about itself; troubles are alerts of source system `opsconductor`."""

    every: PositiveDuration = parse_duration("2s")
    """How often it looks: soon enough to be told of before it is over, rare enough to cost nothing."""

    quiet_time: PositiveDuration = parse_duration("60s")
    """An alert on a loss clears after so long without another loss. 60s: losses come in waves."""

    silent_sources: Mapping[str, PositiveDuration] = {}
    """By connector name: an alert is raised when nothing came in for longer. None by default: how often
    something comes is known to the NOC alone."""

    silent_devices: Mapping[str, PositiveDuration] = {}
    """The same by address of a device, for those that report regularly."""

    rejections: RejectionSettings = RejectionSettings()
    """Messages that are refused or cannot be decoded, again and again."""


class CanarySettings(Section):
    """A test trap through the real port to a real channel, every now and then."""

    every: PositiveDuration | None = None
    """How often; null (default): never. 5m is a good value."""

    connector: str = "snmp_trap"
    """The trap connector whose port it is sent to, with its first community."""

    channel: str = ""
    """The channel that must deliver it; needed when `every` is given."""

    recipients: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ()
    """Whom the channel tells, for channels that need to know (e-mail)."""

    within: PositiveDuration = parse_duration("60s")
    """It counts as lost when it was not delivered within this time; `engine.settle_time` is part of it."""

    @model_validator(mode="after")
    def _has_channel(self) -> Self:
        if self.every is not None and not self.channel:
            raise ValueError("every needs channel: the canary must arrive somewhere")
        return self


class HeartbeatSettings(Section):
    """A sign of life to the outside, for a dead-man switch that calls when it stays out."""

    url: SecretStr | None = None
    """Where to send an HTTP GET while all is well; null (default): nowhere. A reference such as
    `${env:NAME}` is allowed: such addresses are often secrets."""

    every: PositiveDuration = parse_duration("60s")
    """How often. The outside should wait for three of them before it calls."""


class VerifySettings(Section):
    """Looks at devices, by connectors that can (snmp_poll), to make sure of what others have reported."""

    alert_types: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ("network_link_down",)
    """New alerts of these types are looked at before people are told: one that is over already bothers
    nobody. Default network_link_down: ports that go down and up again are most of what wakes people."""

    hold_time: Duration = parse_duration("5s")
    """How long people wait for the outcome of a look. 5s: two attempts of 2 s. Where nobody can look,
    nothing is held."""

    overdue_after: PositiveDuration = parse_duration("1h")
    """An open alert without news for so long is looked at: its clear may be lost. After a restart, and
    when messages were lost, everything open is looked at once, whatever its type."""
