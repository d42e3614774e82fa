"""Connector type: configuration model, factory, and abilities.

A connector package exports one `TYPE`, made by `source_type`, `channel_type` or `inventory_type`. mypy then
rejects a class that lacks a method of its role or of a declared ability; `conformance.py` checks the same
when a type is loaded and when a connector is built.
"""

import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from opsconductor.connector.abilities import Ability
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import (
    Channel,
    InventorySource,
    Role,
    Source,
)
from opsconductor.connector.secret_fields import secrets_of
from opsconductor.errors import ContractError
from opsconductor.guard import guarded
from opsconductor.model.aside import reason_of
from opsconductor.model.masking import hide_all

Connector = Source | Channel | InventorySource
Config = TypeVar("Config", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorType(ABC):
    """Common part of all connector types.

    Attributes:
        name: Value of `connectors.type`.
        config: Pydantic model (`extra="forbid"`, frozen), validated without the network. Secrets are
            `SecretStr` and are passed with their references already resolved.
        factory: The class or function that builds a connector.
        abilities: Optional abilities of its connectors.
        is_third_party: It comes from another package, which mypy may never have checked.
    """

    role: ClassVar[Role]
    name: str
    config: type[BaseModel]
    factory: Callable[..., object]
    abilities: tuple[Ability, ...] = ()
    is_third_party: bool = False

    @abstractmethod
    def build(self, config: BaseModel, context: ConnectorContext) -> Connector:
        """Build a connector from its validated configuration; it does not connect."""

    def validated(self, config: object) -> BaseModel:
        """Validate a configuration, whose secrets are resolved or replaced.

        Raises:
            ValidationError: It is wrong, or a validator of the model fails with an unexpected error. Its
                messages contain no secret, also when a validator quotes one.
        """
        with guarded() as validating:
            return self.config.model_validate(config)
        error = validating.error
        assert error is not None
        if isinstance(error, ValidationError):
            raise _masked(error, secrets_of(config, self.config)) from None
        failed = PydanticCustomError("validator_failed", _words_of(self.name, error))
        detail = InitErrorDetails(type=failed, input=None)
        raise ValidationError.from_exception_data(self.config.__name__, [detail]) from error

    def can(self, declares: Callable[..., Ability]) -> bool:
        """Return True if an ability is declared: `connector_type.can(receives_posts)`."""
        return any(ability.name == declares.__name__ for ability in self.abilities)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceType(ConnectorType):
    """Type of a connector that receives raw events."""

    role: ClassVar[Role] = Role.SOURCE
    make: Callable[[BaseModel, ConnectorContext], Source]

    def build(self, config: BaseModel, context: ConnectorContext) -> Source:
        """Build a source; it does not connect."""
        return self.make(config, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelType(ConnectorType):
    """Type of a connector that sends notifications.

    Attributes:
        check_recipient: Raises ValueError for a recipient of a rule that it cannot reach. None: its
            configuration alone determines the recipients.
        recipient_example: A recipient that it can reach.
        traits_of: Returns abilities and limits of a channel with this configuration; raises whatever the code
            of the connector raises, and ContractError if it returns something else.
    """

    role: ClassVar[Role] = Role.CHANNEL
    make: Callable[[BaseModel, ConnectorContext], Channel]
    check_recipient: Callable[[str], object] | None = None
    recipient_example: str = ""
    traits_of: Callable[[BaseModel], ChannelTraits] = field(default=lambda _: ChannelTraits())

    def build(self, config: BaseModel, context: ConnectorContext) -> Channel:
        """Build a channel; it does not connect."""
        return self.make(config, context)

    def refusal_of(self, recipient: str) -> str:
        """Return why a recipient cannot be reached; empty: it can."""
        if self.check_recipient is None:
            return ""
        with guarded() as checking:
            self.check_recipient(recipient)
        error = checking.error
        if error is None:
            return ""
        return str(error) if isinstance(error, ValueError) else f"it cannot be checked: {reason_of(error)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryType(ConnectorType):
    """Type of a connector that lists devices and their dependencies."""

    role: ClassVar[Role] = Role.INVENTORY
    make: Callable[[BaseModel, ConnectorContext], InventorySource]

    def build(self, config: BaseModel, context: ConnectorContext) -> InventorySource:
        """Build an inventory; it does not connect."""
        return self.make(config, context)


def source_type(
    name: str, config: type[Config], build: Callable[[Config, ConnectorContext], Source], *abilities: Ability
) -> SourceType:
    """Declare a type of source.

    Args:
        name: Value of `connectors.type`.
        config: Its configuration model.
        build: Its class, or a function that returns one; must not connect.
        abilities: Its optional abilities: `receives_posts(AcmeSource)`.
    """

    def make(checked: BaseModel, context: ConnectorContext) -> Source:
        return build(of_model(checked, config), context)

    return SourceType(name=name, config=config, factory=build, make=make, abilities=abilities)


def channel_type(
    name: str,
    config: type[Config],
    build: Callable[[Config, ConnectorContext], Channel],
    *abilities: Ability,
    check_recipient: Callable[[str], object] | None = None,
    recipient_example: str = "",
    traits: Callable[[Config], ChannelTraits] | None = None,
) -> ChannelType:
    """Declare a type of channel.

    Args:
        name: Value of `connectors.type`.
        config: Its configuration model.
        build: Its class, or a function that returns one; must not connect.
        abilities: Its optional abilities: `receives_posts(AcmeChannel)`.
        check_recipient: See `ChannelType`.
        recipient_example: A recipient that it can reach.
        traits: Returns abilities and limits of a channel with this configuration; None: see `ChannelTraits`.
    """

    def make(checked: BaseModel, context: ConnectorContext) -> Channel:
        return build(of_model(checked, config), context)

    def traits_of(checked: BaseModel) -> ChannelTraits:
        found: object = ChannelTraits() if traits is None else traits(of_model(checked, config))
        if not isinstance(found, ChannelTraits):
            returned = type(found).__name__
            raise ContractError(
                f"connector type {name!r}: traits returned {returned} instead of ChannelTraits"
            )
        if faults := found.faults():
            raise ContractError(f"connector type {name!r}: traits returned {', '.join(faults)}")
        return found

    return ChannelType(
        name=name,
        config=config,
        factory=build,
        make=make,
        abilities=abilities,
        check_recipient=check_recipient,
        recipient_example=recipient_example,
        traits_of=traits_of,
    )


def inventory_type(
    name: str,
    config: type[Config],
    build: Callable[[Config, ConnectorContext], InventorySource],
    *abilities: Ability,
) -> InventoryType:
    """Declare a type of inventory; see `source_type` for the arguments."""

    def make(checked: BaseModel, context: ConnectorContext) -> InventorySource:
        return build(of_model(checked, config), context)

    return InventoryType(name=name, config=config, factory=build, make=make, abilities=abilities)


def _words_of(name: str, error: Exception) -> str:
    """Describe a validator that fails, without the text of its error, which may hold a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    words = f"a configuration that the type {name} can validate: its code raised {type(error).__name__}"
    return f"{words} ({Path(frame.filename).name}:{frame.lineno})"


def _masked(error: ValidationError, secrets: Sequence[str]) -> ValidationError:
    """Return an error in which the words of the model's own validators contain none of these secrets."""
    lines = [_masked_line(details, secrets) for details in error.errors(include_url=False)]
    return ValidationError.from_exception_data(error.title, lines)


def _masked_line(details: ErrorDetails, secrets: Sequence[str]) -> InitErrorDetails:
    kind, context = details["type"], details.get("ctx", {})
    line = InitErrorDetails(type=kind, loc=details["loc"], input=details["input"], ctx=context)
    if isinstance(context.get("error"), Exception):  # a ValueError or AssertionError
        line["ctx"] = {"error": ValueError(hide_all(str(context["error"]), secrets))}
    elif kind not in get_args(ErrorType):
        text = hide_all(details["msg"], secrets)
        line["type"] = PydanticCustomError(kind, text)
    return line


def of_model(checked: BaseModel, config: type[Config]) -> Config:
    """Return a configuration as its own type; raises TypeError if it is of another model."""
    if not isinstance(checked, config):
        raise TypeError(f"{type(checked).__name__} is not a {config.__name__}")
    return checked
