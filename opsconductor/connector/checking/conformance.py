"""Checks of connectors against the contract when they are loaded and built; not all are checked by mypy."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import get_type_hints

from pydantic import BaseModel

from opsconductor.connector.abilities import (
    Ability,
    Listener,
    Previewer,
    SampleKeeper,
    abandons_scopes,
    acknowledges,
    keeps_samples,
    listens,
    previews,
    receives_at_once,
    receives_posts,
    sends_files,
    validates_senders,
    verifies,
    works,
)
from opsconductor.connector.checking.call_check import CheckedPromptReceiver, CheckedReceiver
from opsconductor.connector.checking.context_check import checked_context
from opsconductor.connector.checking.report_check import CheckedSource
from opsconductor.connector.connector_type import (
    ChannelType,
    Connector,
    ConnectorType,
    InventoryType,
    SourceType,
)
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import (
    Acknowledger,
    Channel,
    FileSender,
    InventorySource,
    Poller,
    Role,
    Source,
    Verifier,
    Worker,
)
from opsconductor.connector.post import PromptReceiver, Receiver, Validator
from opsconductor.errors import ContractError

PROTOCOLS: dict[Role, type[object]] = {
    Role.SOURCE: Source,
    Role.CHANNEL: Channel,
    Role.INVENTORY: InventorySource,
}
OPTIONAL: dict[Callable[..., Ability], type[object]] = {
    receives_posts: Receiver,
    receives_at_once: PromptReceiver,
    validates_senders: Validator,
    acknowledges: Acknowledger,
    verifies: Verifier,
    works: Worker,
    sends_files: FileSender,
    previews: Previewer,
    abandons_scopes: Poller,
    listens: Listener,
    keeps_samples: SampleKeeper,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltConnector:
    """A connector in one of the three roles, with each ability that its type declares; None: not declared."""

    source: Source | None = None
    channel: Channel | None = None
    inventory: InventorySource | None = None
    receiver: Receiver | None = None
    prompt_receiver: PromptReceiver | None = None
    validator: Validator | None = None
    acknowledger: Acknowledger | None = None
    verifier: Verifier | None = None
    worker: Worker | None = None
    file_sender: FileSender | None = None
    previewer: Previewer | None = None
    poller: Poller | None = None
    listener: Listener | None = None
    sample_keeper: SampleKeeper | None = None

    @property
    def part(self) -> Connector:
        """Return the connector, whatever its role."""
        part = self.source or self.channel or self.inventory
        assert part is not None
        return part


def checked_type(found: object, origin: str) -> ConnectorType:
    """Return the connector type that a package exports.

    Args:
        origin: Its place, for messages (`acme_opsconductor:TYPE`).

    Raises:
        ContractError: It is not a type of connectors, or violates the contract; the message names all faults.
    """
    if not isinstance(found, SourceType | ChannelType | InventoryType):
        raise ContractError(
            f"{origin} is not a connector type but {found!r:.100}: make it with source_type, channel_type "
            "or inventory_type of opsconductor.connector.connector_type"
        )
    if faults := list(_faults_of_type(found)):
        raise ContractError(f"connector type {found.name!r} of {origin}: {'; '.join(faults)}")
    return found


def build_connector(
    connector_type: ConnectorType, config: BaseModel, context: ConnectorContext
) -> BuiltConnector:
    """Build a connector, and check that it has what its type declares.

    Raises:
        ContractError: It lacks a method of its role or of an ability; the message names method and type.
        Exception: Whatever the code of the connector raises.
    """
    part: Connector
    source, channel, inventory = None, None, None
    if connector_type.is_third_party:
        context = checked_context(context)
    match connector_type:
        case SourceType():
            part = source = connector_type.build(config, context)
        case ChannelType():
            part = channel = connector_type.build(config, context)
        case InventoryType():
            part = inventory = connector_type.build(config, context)
        case _:
            raise ContractError(f"connector type {connector_type.name!r} has no role")
    faults = list(method_faults(part, PROTOCOLS[connector_type.role]))
    faults += [fault for each in connector_type.abilities for fault in method_faults(part, each.protocol)]
    if faults:
        raise ContractError(f"connector type {connector_type.name!r}: {'; '.join(faults)}")
    built = BuiltConnector(
        source=source,
        channel=channel,
        inventory=inventory,
        receiver=part if isinstance(part, Receiver) and connector_type.can(receives_posts) else None,
        prompt_receiver=(
            part if isinstance(part, PromptReceiver) and connector_type.can(receives_at_once) else None
        ),
        validator=part if isinstance(part, Validator) and connector_type.can(validates_senders) else None,
        acknowledger=part if isinstance(part, Acknowledger) and connector_type.can(acknowledges) else None,
        verifier=part if isinstance(part, Verifier) and connector_type.can(verifies) else None,
        worker=part if isinstance(part, Worker) and connector_type.can(works) else None,
        file_sender=part if isinstance(part, FileSender) and connector_type.can(sends_files) else None,
        previewer=part if isinstance(part, Previewer) and connector_type.can(previews) else None,
        poller=part if isinstance(part, Poller) and connector_type.can(abandons_scopes) else None,
        listener=part if isinstance(part, Listener) and connector_type.can(listens) else None,
        sample_keeper=part if isinstance(part, SampleKeeper) and connector_type.can(keeps_samples) else None,
    )
    return _checked(built, context.name) if connector_type.is_third_party else built


def _checked(built: BuiltConnector, name: str) -> BuiltConnector:
    """Return a third-party connector whose events and reports are checked."""
    source, receiver, prompt = built.source, built.receiver, built.prompt_receiver
    return replace(
        built,
        source=source and CheckedSource(source, name),
        receiver=receiver and CheckedReceiver(receiver, name),
        prompt_receiver=prompt and CheckedPromptReceiver(prompt, name),
    )


def method_faults(subject: object, protocol: type[object]) -> Iterator[str]:
    """Return what a connector, or its class, lacks of a protocol.

    Attributes other than methods are checked on an instance only: a class does not have them yet.
    """
    is_class = inspect.isclass(subject)
    owner = subject.__name__ if inspect.isclass(subject) else type(subject).__name__
    for name, wanted in _members_of(protocol):
        found = getattr(subject, name, None)
        if not inspect.isfunction(wanted):
            if not is_class and found is None:
                yield f"{owner} has no attribute {name}, which a {protocol.__name__} has"
        elif not callable(found):
            yield f"{owner} has no method {name}, which a {protocol.__name__} has"
        else:
            yield from _signature_faults(f"{owner}.{name}", found, wanted, is_bound=not is_class)


def _members_of(protocol: type[object]) -> Iterator[tuple[str, object]]:
    """Return the members of a protocol, by name."""
    names = {name for name in (*vars(protocol), *protocol.__annotations__) if not name.startswith("_")}
    for name in sorted(names):
        yield name, vars(protocol).get(name)


def _signature_faults(
    name: str, found: Callable[..., object], wanted: Callable[..., object], *, is_bound: bool
) -> Iterator[str]:
    """Compare a method with that of its protocol: whether it is `async`, and its parameters."""
    plain = inspect.isfunction(found) or inspect.ismethod(found)
    if plain and inspect.iscoroutinefunction(found) is not inspect.iscoroutinefunction(wanted):
        yield f"{name} must be {'async def' if inspect.iscoroutinefunction(wanted) else 'def, not async def'}"
    parameters = [each.name for each in inspect.signature(wanted).parameters.values()]
    given = parameters[1:] if is_bound else parameters
    try:
        inspect.signature(found).bind(*given)
    except TypeError:
        yield f"{name} must take ({', '.join(parameters[1:])})"
    except ValueError:  # written in C: it shows when it is called
        return


def _faults_of_type(connector_type: ConnectorType) -> Iterator[str]:
    if not connector_type.name:
        yield "it has no name"
    if not (inspect.isclass(connector_type.config) and issubclass(connector_type.config, BaseModel)):
        yield f"config is not a pydantic model but {connector_type.config!r:.100}"
    elif connector_type.config.model_config.get("extra") != "forbid":
        yield f'{connector_type.config.__name__} must have extra="forbid": a misspelt key would be ignored'
    if not callable(connector_type.factory):
        yield f"build is not a function but {connector_type.factory!r:.100}"
        return
    for ability in connector_type.abilities:
        for fault in method_faults(ability.connector, ability.protocol):
            yield f"{fault} ({ability.name} is declared)"
    built = _class_of(connector_type.factory)
    if built is not None:
        yield from method_faults(built, PROTOCOLS[connector_type.role])
        yield from _undeclared(connector_type, built)


def _class_of(factory: Callable[..., object]) -> type[object] | None:
    """Return the class that a factory builds: itself, or its return annotation."""
    if inspect.isclass(factory):
        return factory
    try:
        made = get_type_hints(factory).get("return")
    except (NameError, TypeError):
        return None
    return made if inspect.isclass(made) else None


def _undeclared(connector_type: ConnectorType, built: type[object]) -> Iterator[str]:
    """Return methods of abilities that a class has and its type does not declare: none would be used."""
    for declares, protocol in OPTIONAL.items():
        methods = [name for name, wanted in _members_of(protocol) if inspect.isfunction(wanted)]
        found = " and ".join(name for name in methods if callable(getattr(built, name, None)))
        if found and not connector_type.can(declares):
            yield f"{built.__name__} has {found}, but {declares.__name__}({built.__name__}) is not declared"
