"""Every exception that OpsConductor raises on purpose.

OpsConductorError
├── ConfigError            the configuration is wrong: gives file, line, key, found, expected
├── SecretError            a secret reference cannot be resolved
├── DecodeError            bytes from the network are not valid
├── CompileError           a MIB file cannot be read or parsed
├── NormalizeError         a decoded message cannot become a normalized alert
├── ContractError          a connector type, or a connector, violates the contract
├── ConnectorError
│   ├── Unreachable        the other side did not answer: try again later
│   ├── Rejected           the other side refused: trying again does not help
│   └── Refused            we refused a post: its sender gets the reason
├── StoreError
│   ├── StoreUnavailable   PostgreSQL is away or restarting: try again later
│   │   ├── SpoolFull      the spool is full as well: nothing may be acknowledged
│   │   └── Unanswered     PostgreSQL is slow, or too much is asked at a time: the text is for who asked
│   │       └── NotCommittedYet  the commit is pending: trying again now would count twice
│   ├── StoreFenced        another daemon has taken over: this one must not write any more
│   └── StoreRejected      PostgreSQL rejects the data: trying again does not help
├── AccountError
│   ├── UnknownAccount     there is no such user, or a link for a password has been used or is too old
│   ├── AccountConflict    the name is taken, or no user could administer users any more
│   ├── SignInRefused      an account that is kept elsewhere may not log in, or was not proven
│   └── ProviderError      a directory or an identity provider does not answer, or is set up wrongly
└── CommandError           an operator's command cannot be executed
    ├── AlertNotFound
    ├── AlertConflict      not possible in the alert's present state
    ├── CommandExpired     it was not to be executed after a time that has passed
    ├── RowNotFound        there is no such row of the configuration
    ├── RowConflict        the state of such a row does not allow the change
    ├── ModelConflict      the status or the figures of a version of the detector do not allow it
    ├── InventoryConflict  a loss to confirm does not wait, or has changed
    └── CursorMismatch     the next page of a list that is none, or in another order
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta


class OpsConductorError(Exception):
    """Base of all; never raised itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a configuration, with what is needed to repair it."""

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
        """Store the faults in the order of the files."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class SecretError(OpsConductorError):
    """Raised when a secret reference cannot be resolved; the message never contains the secret."""


class DecodeError(OpsConductorError):
    """Raised for bytes that are not a valid message.

    `reason` is one of a closed set that the decoder's module lists: metrics count by it. `at` is
    the byte at which reading stopped, counted from 0; None: unknown.
    """

    def __init__(self, reason: str, detail: str = "", at: int | None = None) -> None:
        """Store the countable reason apart from detail and position."""
        self.reason = reason
        self.detail = detail
        self.at = at
        explained = detail if at is None else f"{detail} at byte {at}".lstrip()
        super().__init__(f"{reason}: {explained}" if explained else reason)


class CompileError(OpsConductorError):
    """Raised when a MIB file, or an archive of them, cannot be read or parsed; others are not affected."""


class UnknownNotification(CompileError):
    """Raised when nothing is known of a notification that was asked for."""


class NormalizeError(OpsConductorError):
    """Raised when a decoded message violates its standard.

    `reason` is one of a closed set that the connector lists: metrics count by it.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        """Store the countable reason apart from the detail."""
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class ContractError(OpsConductorError):
    """Raised when a connector or its type violates the contract; the message names method and type."""


class ConnectorError(OpsConductorError):
    """Base of failures between a connector and the outside."""


class Unreachable(ConnectorError):
    """Raised when the other side cannot be reached or is overloaded; try again later.

    `retry_after` is set when the other side itself requests a wait. `is_about_message` is set when it
    answered that it cannot accept this one message now: others may get through.
    """

    def __init__(
        self, message: str = "", *, retry_after: timedelta | None = None, is_about_message: bool = False
    ) -> None:
        """Store the other side's request beside the message."""
        self.retry_after = retry_after
        self.is_about_message = is_about_message
        super().__init__(message)


class Rejected(ConnectorError):
    """Raised when the other side refuses permanently (credentials, address, content)."""


class Refused(ConnectorError):
    """Raised for a post that is not accepted; its sender gets the text.

    `reason` is one of a closed set that the connector lists: metrics count by it. `status` is the HTTP
    status of the answer (400 content, 401 sender, 413 too large, 415 media type, 503 too many at a time: all
    senders retry after 503, some do not after 429).
    """

    def __init__(self, reason: str, message: str, status: int = 400) -> None:
        """Store the countable reason apart from the text."""
        self.reason = reason
        self.status = status
        super().__init__(message)


class StoreError(OpsConductorError):
    """Base of failures of PostgreSQL."""


class StoreUnavailable(StoreError):
    """Raised when PostgreSQL is away, starting, full or out of connections; try again later."""


class SpoolFull(StoreUnavailable):
    """Raised when the spool has reached its limit; nothing may be acknowledged."""


class Unanswered(StoreUnavailable):
    """Raised when a request is not answered in time, or not now, though PostgreSQL may well be there.

    The text is for who asked: it says what was not done, and nothing of the server.
    """


class NotCommittedYet(Unanswered):
    """Raised when submitted events are not committed in time; they still will be."""


class StoreFenced(StoreError):
    """Raised when another daemon has taken over the database; this one must end."""


class StoreRejected(StoreError):
    """Raised when PostgreSQL rejects the data itself; trying again does not help."""


class AccountError(OpsConductorError):
    """Base of changes of users that are not possible; the message is for the person who asked."""


class UnknownAccount(AccountError):
    """Raised when there is no such user, or when a link for a password has been used or is too old."""


class AccountConflict(AccountError):
    """Raised when a name is taken, or when no user could administer users any more."""


class SignInRefused(AccountError):
    """Raised when an account that is kept elsewhere may not log in, or was not proven."""


class ProviderError(AccountError):
    """Raised when a directory or an identity provider cannot be used; the message is for administrators."""


class CommandError(OpsConductorError):
    """Raised when an operator's command cannot be executed."""


class AlertNotFound(CommandError):
    """Raised when no open alert has the id."""


class AlertConflict(CommandError):
    """Raised when the state of the alert does not allow the command.

    `found` holds the present values by field: `status`, `acknowledged_by`, `acknowledged_at`.
    """

    def __init__(self, message: str, found: Mapping[str, str] | None = None) -> None:
        """Store the state beside the text."""
        self.found = dict(found or {})
        super().__init__(message)


class RowNotFound(CommandError):
    """Raised when the configuration has no row of a name."""


class ModelConflict(CommandError):
    """Raised when status or figures of a version of the detector do not allow a change.

    `facts` has what they are, by name.
    """

    def __init__(self, message: str, facts: Mapping[str, str] | None = None) -> None:
        """Store the facts beside the text that states them."""
        self.facts = dict(facts or {})
        super().__init__(message)


class RowConflict(CommandError):
    """Raised when the present state of a row of the configuration does not allow a change.

    `code` is stable, for programs; `found` has what is there at present, `tag` its ETag.
    """

    def __init__(self, code: str, message: str, found: Mapping[str, object], *, tag: str = "") -> None:
        """Store the state beside the text."""
        self.code = code
        self.found = dict(found)
        self.tag = tag
        super().__init__(message)


class CommandExpired(CommandError):
    """Raised when the time until which a command was to be executed has passed; nothing was done."""


class InventoryConflict(CommandError):
    """Raised when a confirmed loss of an inventory does not wait, or has changed since."""


class CursorMismatch(CommandError):
    """Raised when the cursor of a list is of another order, or none at all."""
