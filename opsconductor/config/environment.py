"""Environment variables `OPSCONDUCTOR__SECTION__KEY` that override keys of the settings file.

Read here and not by pydantic-settings, which ignores unknown variables, stops at the first invalid one
and does not name the variable that was wrong.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from opsconductor.config.faults import model_at, unknown_key
from opsconductor.config.provision.document import Document
from opsconductor.config.provision.yaml_reading import KeyPath
from opsconductor.errors import Fault

PREFIX = "OPSCONDUCTOR__"

Tree = dict[str, Any]


def overridden(
    document: Document, environ: Mapping[str, str], model: type[BaseModel]
) -> tuple[Document, list[Fault]]:
    """Merge the environment into a settings document; an empty variable counts as unset.

    Returns:
        The document with the variables' values (always text) in it, and a fault for every variable
        that names no key of the model.
    """
    tree: Tree = _copied(document.value)
    variables: dict[KeyPath, str] = {}
    faults: list[Fault] = []
    for name in sorted(name for name, value in environ.items() if name.upper().startswith(PREFIX) and value):
        path = tuple(name[len(PREFIX) :].lower().split("__"))
        if fault := _unknown(name, path, model):
            faults.append(fault)
        elif _put(tree, path, environ[name]):
            variables[path] = name
    return replace(document, value=tree, variables=variables), faults


def _unknown(name: str, path: tuple[str, ...], model: type[BaseModel]) -> Fault | None:
    """Return the key path of a variable; the fault names the section after which it is unknown."""
    for depth, key in enumerate(path):
        section = model_at(model, path[:depth])
        known = [field.upper() for field in section.model_fields] if section else []
        if key.upper() not in known:
            around = PREFIX + "".join(f"{part}__" for part in path[:depth]).upper()
            expected = f"after {around} {unknown_key(key.upper(), known)}"
            return Fault(
                file="environment", line=None, key=name, found="an unknown variable", expected=expected
            )
    return None


def _put(tree: Tree, path: tuple[str, ...], value: str) -> bool:
    """Set a value in nested mappings; return False if the file has another value where a section belongs."""
    for key in path[:-1]:
        if tree.get(key) is None:
            tree[key] = {}
        tree = tree[key]
        if not isinstance(tree, dict):
            return False
    tree[path[-1]] = value
    return True


def _copied(value: object) -> Tree:
    if not isinstance(value, Mapping):
        return {}
    return {key: _copied(entry) if isinstance(entry, Mapping) else entry for key, entry in value.items()}
