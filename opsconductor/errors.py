"""Every exception that OpsConductor raises on purpose.

OpsConductorError
├── ConfigError            the configuration is wrong: says file, line, key, found, expected
├── SecretError            a secret reference cannot be resolved
├── DecodeError            bytes from the network are not what they claim to be
├── CompileError           a MIB file cannot be read or parsed
├── NormalizeError         a decoded message cannot become a normalized alert
├── ContractError          a connector type, or a connector, lacks what the contract asks for
├── ConnectorError
│   ├── Unreachable        the other side did not answer: try again later
│   ├── Rejected           the other side said no: trying again does not help
│   └── Refused            we said no to what somebody posted: its sender is told why
├── StoreError
│   ├── StoreUnavailable   PostgreSQL is away or restarting: try again later
│   │   ├── SpoolFull      the spool takes no more either: nothing may be acknowledged
│   │   └── NotCommittedYet  it waits for its commit: to try again now would count twice
│   ├── StoreFenced        another daemon has taken over: this one must not write any more
│   └── StoreRejected      PostgreSQL refuses the data: trying again does not help
└── CommandError           what an operator asked for cannot be done
    ├── AlertNotFound
    ├── AlertConflict      not possible in the state the alert is in
    ├── CommandExpired     it was to be carried out earlier or not at all
    └── InventoryConflict  what was to be accepted of an inventory does not wait, or has changed
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta


class OpsConductorError(Exception):
    """Root of the tree; never raised itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a configuration, told so that the reader can repair it."""

    file: str
    line: int | None
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: found {self.found}, expected {self.expected}"


class ConfigError(OpsConductorError):
    """Raised with all faults of a configuration at once, before anything live is touched."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults in the order in which they stand in the files."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class SecretError(OpsConductorError):
    """Raised when a secret reference names nothing; the message never holds the secret."""


class DecodeError(OpsConductorError):
    """Raised for bytes that are no valid message.

    `reason` is one of a closed set that the decoder's module lists: metrics count by it. `at` is
    the byte at which reading stopped, counted from 0; None: it cannot be told.
    """

    def __init__(self, reason: str, detail: str = "", at: int | None = None) -> None:
        """Keep the countable reason apart from the human detail and the place."""
        self.reason = reason
        self.detail = detail
        self.at = at
        told = detail if at is None else f"{detail} at byte {at}".lstrip()
        super().__init__(f"{reason}: {told}" if told else reason)


class CompileError(OpsConductorError):
    """Raised when a MIB file, or an archive of them, cannot be read or parsed; others are not affected."""


class NormalizeError(OpsConductorError):
    """Raised when a decoded message holds something that its standard does not allow.

    `reason` is one of a closed set that the connector lists: metrics count by it.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        """Keep the countable reason apart from the human detail."""
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class ContractError(OpsConductorError):
    """Raised when a connector or its type lacks what the contract asks for; names method and type."""


class ConnectorError(OpsConductorError):
    """Root of what goes wrong between a connector and the outside."""


class Unreachable(ConnectorError):
    """Raised when the other side cannot be reached or is overloaded; try again later.

    `retry_after` is set when the other side itself says how long to wait. `is_about_message` is set when
    it answered that it cannot take this one message now: others may get through.
    """

    def __init__(
        self, message: str = "", *, retry_after: timedelta | None = None, is_about_message: bool = False
    ) -> None:
        """Keep what the other side said beside the text."""
        self.retry_after = retry_after
        self.is_about_message = is_about_message
        super().__init__(message)


class Rejected(ConnectorError):
    """Raised when the other side refuses for good (credentials, address, content)."""


class Refused(ConnectorError):
    """Raised for a message that somebody posts and that is not taken; its sender gets the text.

    `reason` is one of a closed set that the connector lists: metrics count by it. `status` is the HTTP
    status of the answer (400 what was sent, 401 who sends, 413 too large, 415 of another kind, 503 too
    many at a time: after that one all senders try again, after 429 some do not).
    """

    def __init__(self, reason: str, message: str, status: int = 400) -> None:
        """Keep the countable reason apart from the text for people."""
        self.reason = reason
        self.status = status
        super().__init__(message)


class StoreError(OpsConductorError):
    """Root of what goes wrong with PostgreSQL."""


class StoreUnavailable(StoreError):
    """Raised when PostgreSQL is away, starting, full or out of connections; try again later."""


class SpoolFull(StoreUnavailable):
    """Raised when the spool has reached its limit; senders must not be told that all is well."""


class NotCommittedYet(StoreUnavailable):
    """Raised when what was handed to the pipeline is not committed in time; it still will be."""


class StoreFenced(StoreError):
    """Raised when another daemon has taken over the database; this one must end."""


class StoreRejected(StoreError):
    """Raised when PostgreSQL refuses the data itself; trying again does not help."""


class CommandError(OpsConductorError):
    """Raised when an operator's command cannot be carried out."""


class AlertNotFound(CommandError):
    """Raised when no open alert has the id."""


class AlertConflict(CommandError):
    """Raised when the alert is in a state that does not allow the command.

    `found` is what is so by now, by the name of the field: `status`, `acknowledged_by`, `acknowledged_at`.
    """

    def __init__(self, message: str, found: Mapping[str, str] | None = None) -> None:
        """Keep the state beside the text for people."""
        self.found = dict(found or {})
        super().__init__(message)


class CommandExpired(CommandError):
    """Raised when the time is over until which a command was to be carried out; nothing was done."""


class InventoryConflict(CommandError):
    """Raised when what a person accepts of an inventory does not wait, or has changed since they looked."""
