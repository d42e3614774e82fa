"""Paths of endpoints that differ in a fixed name and a parameter."""

import re

from opsconductor.api.http.route_paths import route_path


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
