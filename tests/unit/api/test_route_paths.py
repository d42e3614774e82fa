"""Paths of endpoints that differ in a fixed name and a parameter."""

import re

import pytest

from opsconductor.api.http.route_paths import refuse_doubles, route_path
from opsconductor.api.routes import ENDPOINTS


def test_two_endpoints_are_not_the_same() -> None:
    """A second endpoint with the same method and path is refused, also under another parameter name."""
    refuse_doubles([("GET", "/a/{id}"), ("POST", "/a/{id}"), ("GET", "/a")])
    with pytest.raises(ValueError, match=r"GET /a/\{name\} is declared twice: /a/\{id\}"):
        refuse_doubles([("GET", "/a/{id}"), ("GET", "/a/{name}")])
    refuse_doubles((each.method, each.path) for each in ENDPOINTS)


def test_a_parameter_leaves_fixed_names_alone() -> None:
    """A parameter excludes only the fixed names beside it, and only whole ones."""
    every = ["/a", "/a/bulk", "/a/{name}", "/a/{name}/sub", "/b/types"]
    path = route_path("/a/{name}", every)
    pattern = re.compile(path.removeprefix("/a/{name:").removesuffix("}"))
    assert [name for name in ("bulk", "bulky", "sub", "types", "x") if pattern.fullmatch(name)] == [
        "bulky",
        "sub",
        "types",
        "x",
    ]
    assert [route_path(other, every) for other in ("/a", "/a/{name}/sub")] == [
        "/a",
        "/a/{name}/sub",
    ]
