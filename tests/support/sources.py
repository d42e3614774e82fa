"""Parsed sources of the product, shared by the tests of its architecture."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> list[Path]:
    """List the modules of the product."""
    return sorted([*(ROOT / "opsconductor").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")])


@cache
def text_of(path: Path) -> str:
    """Read a file, once for all tests."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """Parse a module, once for all tests."""
    return ast.parse(text_of(path))


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a node and all in it but the contexts of expressions, in half the time of `ast.walk`."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        for value in vars(node).values():
            if isinstance(value, list):
                todo += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                todo.append(value)


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Walk a module, once for all tests."""
    return tuple(walk(tree_of(path)))


def functions() -> Iterator[tuple[str, Function]]:
    """Walk all functions and methods, each with where it stands."""
    for path in sources():
        for node in nodes_of(path):
            if isinstance(node, Function):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node
