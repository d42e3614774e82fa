"""Optional abilities of connectors are declared: each has a function that declares it, and is found by it."""

import ast
import inspect

from opsconductor.connector import abilities, interface, post
from opsconductor.connector.checking.conformance import OPTIONAL, BuiltConnector
from tests.support.sources import ROOT, nodes_of, sources, text_of


def optional_protocols() -> set[type[object]]:
    """Return the protocols of the contract that a connector need not implement."""
    members = (each for module in (abilities, interface, post) for each in vars(module).values())
    return {
        each for each in members if inspect.isclass(each) and (each.__doc__ or "").startswith("Optional: ")
    }


def test_every_optional_ability_is_declared() -> None:
    """A new one gets a function that declares it, and what is built has a field for it."""
    assert len(optional_protocols()) > 10
    assert set(OPTIONAL.values()) == optional_protocols()
    fields = " ".join(map(str, BuiltConnector.__annotations__.values()))
    assert [each.__name__ for each in optional_protocols() if each.__name__ not in fields] == []


def test_every_optional_ability_is_described() -> None:
    """In the guide, by the name of the function that declares it."""
    guide = (ROOT / "docs" / "connectors.md").read_text()
    assert [each.__name__ for each in OPTIONAL if f"| `{each.__name__}` |" not in guide] == []


def test_no_ability_is_looked_for() -> None:
    """A connector that has a method by chance, or misspells one, is not guessed at by `isinstance`."""
    names = {each.__name__ for each in optional_protocols()}
    found = {
        str(path.relative_to(ROOT))
        for path in sources()
        if names & set(text_of(path).replace(",", " ").split())
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "isinstance"
        and names & {each.id for each in ast.walk(node.args[1]) if isinstance(each, ast.Name)}
    }
    assert found == {"opsconductor/connector/checking/conformance.py"}
