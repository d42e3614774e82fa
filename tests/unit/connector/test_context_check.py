"""What third-party connectors call their context with is checked before the daemon uses it."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from opsconductor.connector.checking.call_check import CheckedReceiver
from opsconductor.connector.checking.context_check import CALLS, MOST_REASONS, CheckedCall, checked_context
from opsconductor.connector.checking.report_check import CheckedSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import ContractError, DecodeError, NormalizeError, Refused
from tests.unit.connector.test_call_check import EVENT, POST


def context_of(**functions: Any) -> ConnectorContext:
    """Return the checked context of a third-party connector."""
    return checked_context(ConnectorContext(name="acme", data_dir=Path(), **functions))


WRONG: tuple[tuple[str, tuple[object, ...], str], ...] = (
    ("degraded", (123,), "lacks of degraded is of type int, expected str"),
    ("report_down", ("away",), "error of report_down is of type str, expected Exception"),
    (
        "learn_ports",
        ("sw-1", {"ifIndex=7": 5}),
        "an entry of names of learn_ports is of type int, expected str",
    ),
    ("acknowledge", ("4711", "anna"), "alert_id of acknowledge is of type str, expected UUID"),
    ("severity_of", ("sw-1", "x_y", None), "resource of severity_of is of type NoneType, expected str"),
    ("report_template", (5, ""), "notification of report_template is of type int, expected Notification"),
)


@pytest.mark.parametrize(("name", "given", "words"), WRONG, ids=lambda part: str(part)[:30])
def test_a_wrong_argument_is_named(name: str, given: tuple[object, ...], words: str) -> None:
    """With the function, the argument, and the types found and expected; the function is not called."""
    called: list[object] = []
    context = context_of(**{name: lambda *values: called.append(values)})
    with pytest.raises(ContractError) as refused:
        getattr(context, name)(*given)
    assert str(refused.value) == f"connector acme: {words}"
    assert called == []


def test_a_wrong_argument_by_name_is_refused_as_well() -> None:
    """Most of `rejected` is given by name."""
    with pytest.raises(ContractError, match="remedy of rejected is of type list, expected str"):
        context_of().rejected("10.0.0.7", "token", explanation="wrong", remedy=[])  # type: ignore[arg-type]


def test_texts_can_be_stored_and_shown() -> None:
    """Half a character and NUL, which neither JSON nor PostgreSQL takes, are escaped."""
    lacks: list[str] = []
    context_of(degraded=lacks.append).degraded("a\ud800b\0")
    assert lacks == ["a\\ud800b\\x00"]


def test_every_function_that_takes_something_is_checked() -> None:
    """A function that is added to the context must be added to the list."""
    context = context_of()
    unchecked = {"now", "report_up", "report_polling", "mappings", "facts", "devices", "acknowledged"}
    functions = {name for name in ConnectorContext.__slots__ if callable(getattr(context, name))}
    assert functions - unchecked - {"count", "measure"} == set(CALLS)
    assert isinstance(context.open_alert, CheckedCall)


class Raising:
    """A source and receiver that raises what the test gives it."""

    def __init__(self, error: Exception | None = None, result: object = None) -> None:
        self.error = error
        self._result = result

    def normalize(self, raw: object) -> object:
        """Raise it."""
        del raw
        assert self.error is not None
        raise self.error

    async def receive(self, post: Post) -> object:
        """Raise it, or return the result."""
        del post
        if self.error is not None:
            raise self.error
        return self._result


@pytest.mark.parametrize("kind", [DecodeError, NormalizeError])
def test_reasons_of_unread_messages_are_of_a_closed_set(kind: type[DecodeError | NormalizeError]) -> None:
    """The ledger and its metrics would grow with every message."""
    raising = Raising()
    source = CheckedSource(raising, "acme")  # type: ignore[arg-type]
    for number in range(MOST_REASONS):
        raising.error = kind(f"reason_{number}")
        with pytest.raises(kind):
            source.normalize(EVENT)
    for reason, words in (("one_more", "more than 50 reasons"), ("not b'x'", "no word"), (5, "of type int")):
        raising.error = kind(reason)  # type: ignore[arg-type]
        with pytest.raises(ContractError, match=words):
            source.normalize(EVENT)


@pytest.mark.parametrize(
    ("raising", "words"),
    [
        (Raising(Refused("Wrong token", "no")), "the reason of Refused is no word"),
        (Raising(Refused("token", "no", 99_999)), "status of a Refused is 99999, expected 400 to 599"),
        (Raising(DecodeError("not b'x'")), "the reason of DecodeError is no word"),
        (Raising(result=None), "the result of receive is of type NoneType, expected PostResult"),
        (Raising(result=PostResult(status="x")), "status of a PostResult is of type str, expected int"),  # type: ignore[arg-type]
        (Raising(result=PostResult(status=99)), "status of a PostResult is 99, expected 200 to 599"),
        (
            Raising(result=PostResult(answer={"id": UUID(int=1)})),
            "answer of a PostResult cannot be written as",
        ),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
async def test_what_answers_a_post_is_checked_before_it_is_committed(raising: Raising, words: str) -> None:
    """An answer that fails afterwards would make the sender repeat what is stored already."""
    with pytest.raises(ContractError, match=words):
        await CheckedReceiver(raising, "acme").receive(POST)  # type: ignore[arg-type]
