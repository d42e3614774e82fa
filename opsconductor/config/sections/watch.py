"""Settings of monitoring: the daemon itself, its notification path, and the accuracy of alerts."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from opsconductor.config.section import Section, as_list
from opsconductor.connector.settings.duration import Duration, PositiveDuration, parse_duration


class RejectionSettings(Section):
    """When rejected or undecodable messages raise an alert, one per sender and reason."""

    messages: Annotated[int, Field(ge=1, le=1_000)] = 5
    """Number of messages of one sender for one reason within `within` that raises the alert. 5: a few
    mistyped secrets are no fault, a wrong configuration continues.
    """

    within: PositiveDuration = parse_duration("1h")
    """See `messages`. 1h: many devices send rarely."""

    quiet_time: PositiveDuration = parse_duration("30m")
    """The alert clears after this time without another rejected message of the sender."""

    senders: Annotated[int, Field(ge=1, le=1_000)] = 20
    """Maximum number of (sender, reason) pairs per connector with alerts of their own; all others share
    one, because addresses can be forged.
    """


class SelfWatchSettings(Section):
    """Self-monitoring of the daemon; its alerts have the source system `opsconductor`."""

    every: PositiveDuration = parse_duration("2s")
    """Interval between checks: short enough to notice a fault while it lasts, long enough to cost nothing."""

    quiet_time: PositiveDuration = parse_duration("60s")
    """An alert on a loss clears after this time without another loss. 60s: losses come in waves."""

    silent_sources: Mapping[str, PositiveDuration] = {}
    """By connector name: an alert is raised when nothing was received for longer. None by default: the
    expected interval is known only to the NOC.
    """

    silent_devices: Mapping[str, PositiveDuration] = {}
    """The same by address of a device, for those that report regularly."""

    rejections: RejectionSettings = RejectionSettings()
    """Repeatedly rejected or undecodable messages."""


class CanarySettings(Section):
    """A periodic test trap through the real port to a real channel."""

    every: PositiveDuration | None = None
    """Interval; null (default): never. 5m is a good value."""

    connector: str = "snmp_trap"
    """The trap connector to whose port it is sent, with its first community."""

    channel: str = ""
    """The channel that must deliver it; needed when `every` is given."""

    recipients: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ()
    """The recipient, for channels that need one (e-mail)."""

    within: PositiveDuration = parse_duration("60s")
    """It counts as lost if it is not delivered within this time; `engine.settle_time` is part of it."""

    @model_validator(mode="after")
    def _has_channel(self) -> Self:
        if self.every is not None and not self.channel:
            raise ValueError("every needs channel: the canary must be delivered to one")
        return self


class HeartbeatSettings(Section):
    """Heartbeat to an external dead man's switch, which alarms when it stops."""

    url: SecretStr | None = None
    """URL to send an HTTP GET to while all is well; null (default): none. A reference such as
    `${env:NAME}` is allowed: such URLs are often secrets.
    """

    every: PositiveDuration = parse_duration("60s")
    """Interval. The receiver should alarm after three missed heartbeats."""


class VerifySettings(Section):
    """Verification of alerts by polling the device, through connectors that can (snmp_poll)."""

    alert_types: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ("network_link_down",)
    """New alerts of these types are verified before they are notified; one that is over already is not
    notified. Default network_link_down: most unnecessary calls come from ports that go down and up again.
    """

    hold_time: Duration = parse_duration("5s")
    """How long notifications wait for the result of a poll. 5s: two attempts of 2 s. Where no connector can
    poll, nothing is held.
    """

    overdue_after: PositiveDuration = parse_duration("1h")
    """An open alert without updates for this long is polled: its clear may be lost. After a restart, and
    when messages were lost, all open alerts are polled once, whatever their type.
    """
