"""Creation of a connector package: the skeleton of its role with the new name filled in."""

import keyword
import re
from pathlib import Path

from opsconductor.connector.interface import Role

SKELETONS = Path(__file__).parent / "skeletons"
NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
PREFIX = "opsconductor_"
"""Prefix of the Python package, so that it cannot shadow a module of the same name."""
EXAMPLE_PATH = "/var/lib/acme/devices.json"
"""Path in the sample of an inventory, replaced by that of its recorded case."""

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "opsconductor-acme"
version = "0.1.0"
description = "Connector acme for OpsConductor"
readme = "opsconductor_acme/README.md"
requires-python = ">=3.11"
dependencies = ["opsconductor"]

[project.entry-points."opsconductor.connectors"]
acme = "opsconductor_acme:TYPE"

[tool.mypy]
strict = true
plugins = ["pydantic.mypy"]
"""
TEST = '''\
"""The connector keeps the contract, its files are complete, and its cases become what they expect."""

from opsconductor.connector.package import package_faults


def test_package_conforms() -> None:
    """Type, files, sample.yaml and the folders in `cases`; a new case needs no code."""
    faults = package_faults("opsconductor_acme:TYPE")
    assert not faults, "\\n".join(faults)
'''


class NameRefused(ValueError):
    """Raised for a name that cannot be used; the message gives reason and remedy."""


def check_name(name: str, known: frozenset[str]) -> None:
    """Check the name of a new connector type; raises NameRefused.

    Args:
        known: Names of the connector types that are installed.
    """
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        proposal = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_0123456789")[:50]
        usable = proposal if proposal and not keyword.iskeyword(proposal) else "acme"
        raise NameRefused(
            f"{name!r} cannot name a connector type: use lower-case letters, digits and underscores, a "
            f"letter first, at most 50, no word of Python, for instance {usable}"
        )
    if name in known:
        raise NameRefused(
            f"the connector type {name} exists already: choose another name; installed are "
            f"{', '.join(sorted(known))}"
        )


def write_skeleton(name: str, role: Role, parent: Path) -> Path:
    """Write the package of a new connector into a new folder `opsconductor-NAME` of `parent`.

    Returns:
        The new folder.

    Raises:
        NameRefused: The folder exists already.
        OSError: It cannot be written.
    """
    folder = parent / named("opsconductor-acme", name)
    if folder.exists():
        raise NameRefused(f"{folder} exists already: remove it, or choose another name or --into")
    package = folder / f"{PREFIX}{name}"
    first_case = package / "cases" / "first" / "input.json"
    contents = {
        folder / "pyproject.toml": PYPROJECT,
        folder / "tests" / f"test_{name}.py": TEST,
        package / "py.typed": "",
    }
    for path in sorted((SKELETONS / role).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            contents[package / path.relative_to(SKELETONS / role)] = path.read_text(encoding="utf-8")
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        example = named(EXAMPLE_PATH, name)
        path.write_text(named(content, name).replace(example, str(first_case.absolute())), encoding="utf-8")
    return folder


def next_steps(name: str, folder: Path) -> list[str]:
    """Return the commands that install, test and check a new connector."""
    sample = folder / f"{PREFIX}{name}" / "sample.yaml"
    variable = f"{name.upper()}_TOKEN"
    secret = f"{variable}=secret " if variable in sample.read_text(encoding="utf-8") else ""
    return [
        f"pip install -e {folder}",
        f"python -m pytest {folder}",
        f"{secret}opsconductor connectors check {sample}",
    ]


def named(text: str, name: str) -> str:
    """Return a skeleton file's text with the new connector's name filled in."""
    class_name = "".join(part.capitalize() for part in name.split("_"))
    return text.replace("acme", name).replace("Acme", class_name).replace("ACME", name.upper())
