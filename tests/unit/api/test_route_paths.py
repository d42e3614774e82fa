"""Paths of endpoints that differ in a fixed name and a parameter."""

import re

import pytest

from opsconductor.api.http.route_paths import refuse_doubles, route_path
from opsconductor.api.routes import ENDPOINTS


def test_two_endpoints_are_not_the_same() -> None:
    """The same method and path is refused, also with another name of a parameter; the API has no such two."""
    refuse_doubles([("GET", "/a/{id}"), ("POST", "/a/{id}"), ("GET", "/a")])
    with pytest.raises(ValueError, match=r"GET /a/\{name\} is declared twice: /a/\{id\}"):
        refuse_doubles([("GET", "/a/{id}"), ("GET", "/a/{name}")])
    refuse_doubles((each.method, each.path) for each in ENDPOINTS)


def test_a_parameter_leaves_fixed_names_alone() -> None:
    """Only those beside it count, and only whole ones."""
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
