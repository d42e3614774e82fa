"""The contracts on imports name every package, so that a new one cannot escape them."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.sources import ROOT, nodes_of

SEEN = {
    "A connector sees only": {"connector", "snmp", "mib", "model", "errors", "limits", "child_process"},
    "The engine is pure": {"engine", "inventory", "model", "config", "errors", "limits"},
}
"""The packages that may be imported, by the beginning of the contract's name."""


def contracts() -> list[dict[str, Any]]:
    """Return the contracts of import-linter."""
    found: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]["contracts"]
    return found


def packages() -> set[str]:
    """Return the packages and modules of the product, without the package itself."""
    folder = ROOT / "opsconductor"
    names = {path.parent.name for path in folder.glob("*/__init__.py")} | {
        p.stem for p in folder.glob("*.py")
    }
    return {f"opsconductor.{name}" for name in names - {"__init__", "__main__"}}


def test_every_package_is_in_a_layer() -> None:
    """Each layer imports from those below it only."""
    (layers,) = (each["layers"] for each in contracts() if each["type"] == "layers")
    named = {name for layer in layers for name in layer.replace("|", " ").replace(":", " ").split()}
    assert named - {"connectors", "opsconductor.__main__"} == packages()


@pytest.mark.parametrize("name", SEEN)
def test_everything_else_is_forbidden(name: str) -> None:
    """What a contract does not mention is not forbidden by it."""
    (forbidden,) = (each["forbidden_modules"] for each in contracts() if each["name"].startswith(name))
    ours = {module for module in forbidden if module.startswith("opsconductor.")}
    assert ours == packages() - {f"opsconductor.{seen}" for seen in SEEN[name]}


def test_the_model_is_standard_library_only() -> None:
    """It imports itself and the errors beside it; the contract names what else is installed in part only."""
    imported = {
        name.split(".")[0] if not name.startswith("opsconductor") else ".".join(name.split(".")[:2])
        for path in (ROOT / "opsconductor" / "model").rglob("*.py")
        for node in nodes_of(path)
        for name in imported_by(node)
    }
    assert imported - sys.stdlib_module_names == {"opsconductor.model"}


def imported_by(node: ast.AST) -> Iterator[str]:
    """Yield the modules that a statement imports."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or ""


def test_the_documents_name_what_a_connector_may_import() -> None:
    """The guide and the page of the layers do."""
    for document in ("docs/connectors.md", "docs/architecture.md"):
        text = (ROOT / document).read_text()
        (sentence,) = (each for each in text.split("\n\n") if each.startswith("A connector imports"))
        assert [seen for seen in SEEN["A connector sees only"] if f"{seen}`" not in sentence] == [], document
