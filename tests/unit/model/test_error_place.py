"""The line that is named for an error in a connector's code."""

from typing import Any

import pytest

from opsconductor.errors import ContractError
from opsconductor.model.aside import reason_of


def module(name: str, file: str, code: str, **known: Any) -> dict[str, Any]:
    """Run the code of a module that is in no package here."""
    names = {"__name__": name, **known}
    exec(compile(code, file, "exec"), names)  # noqa: S102 - modules of other packages, without installing them
    return names


@pytest.mark.parametrize(
    ("connector", "place"),
    [("opsconductor_acme.source", "source.py:3"), ("connectors.acme.source", "source.py:3")],
)
def test_the_place_of_an_error_is_not_in_a_library(connector: str, place: str) -> None:
    """A library that a connector has called raised it: the line of the connector is named."""
    library = module("pydantic.main", "main.py", "def fails():\n    raise AttributeError('port')\n")
    source = module(connector, "source.py", "\ndef build():\n    fails()\n", fails=library["fails"])
    core = module("opsconductor.connector", "core.py", "def call():\n    build()\n", build=source["build"])
    with pytest.raises(AttributeError) as raised:
        core["call"]()
    assert reason_of(raised.value) == f"AttributeError: port ({place})"


def test_an_error_of_the_daemon_names_its_own_line() -> None:
    """Where no connector is involved, the last line of the daemon or of what it called is named."""
    core = module("opsconductor.engine", "core.py", "def call():\n    raise KeyError('x')\n")
    with pytest.raises(KeyError) as raised:
        core["call"]()
    assert reason_of(raised.value) == "KeyError: 'x' (core.py:2)"


def test_a_breach_of_the_contract_names_the_line_of_the_connector() -> None:
    """Not that of the check; where the connector has returned already, none."""
    check = module(
        "opsconductor.connector.checking.check",
        "check.py",
        "def refuse():\n    raise error('payload is of type str')\n",
        error=ContractError,
    )
    source = module(
        "opsconductor_acme.source", "source.py", "\ndef run():\n    emit()\n", emit=check["refuse"]
    )
    code = "def error_of(call):\n try:\n  call()\n except Exception as error:\n  return error\n"
    error_of = module("opsconductor.app", "core.py", code)["error_of"]
    assert reason_of(error_of(source["run"])) == "ContractError: payload is of type str (source.py:3)"
    assert reason_of(error_of(check["refuse"])) == "ContractError: payload is of type str"
