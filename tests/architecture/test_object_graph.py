"""The object graph is built in one direction: nothing is completed after its construction."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "opsconductor" / "app"


def foreign_assignments(source: str) -> Iterator[str]:
    """Yield the statements that set an attribute of another object than `self`, also by `setattr`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if not (isinstance(node.value, ast.Name) and node.value.id == "self"):
                yield f"{node.lineno}: {ast.unparse(node)} = ..."
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"setattr", "object.__setattr__"}:
            yield f"{node.lineno}: {ast.unparse(node)}"


def test_no_part_is_completed_after_its_construction() -> None:
    """The composition root passes everything to constructors; what changes later changes by a method."""
    found = [
        f"{path.relative_to(APP)}:{line}"
        for path in sorted(APP.rglob("*.py"))
        for line in foreign_assignments(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "statement",
    [
        "live.worker = worker",
        "a.b, c = d",
        "live.count += 1",
        "setattr(live, 'worker', worker)",
        "x.y: int = 1",
    ],
)
def test_such_an_assignment_is_found(statement: str) -> None:
    """However it is written."""
    assert list(foreign_assignments(statement))
