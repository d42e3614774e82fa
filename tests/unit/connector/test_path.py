"""JSONPaths of operators: what they find, and that no sender can make them slow."""

import pytest

from opsconductor.connector.language.path import FAULTS, MISSING, read_path, read_search, walk

DOCUMENT = {
    "tags": [{"name": "host", "value": "h1", "n": 1}, {"name": "site", "value": "s", "n": 5}, 7],
    "groups": [{"alerts": [1, 2]}, {"alerts": [3]}],
    "a b": {"c": None},
}


def test_a_path_names_one_value() -> None:
    """Names and positions are walked; a missing value is missing."""
    document = {"a": {"b c": [{"d": 4}]}, "list": [1, 2]}
    assert walk(document, read_path("$.a['b c'][0].d")) == 4
    assert walk(document, read_path("$.list[-1]")) == 2
    assert walk(document, read_path("$")) == document
    assert walk(document, read_path("$.a.x.y")) is MISSING
    assert walk(document, read_path("$.list[7]")) is MISSING
    assert walk("text", read_path("$.a")) is MISSING


@pytest.mark.parametrize("text", ["$..a", "$.a[*]", "$.a[?@.b==1]", "$.a[", "$.a | $.b", "$.a[0:2]"])
def test_a_path_that_searches_is_refused(text: str) -> None:
    """The sender of the payload would decide what a search costs."""
    with pytest.raises(ValueError, match="names one value"):
        read_path(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$.tags[0].value", ["h1"]),
        ("$['a b'].c", [None]),
        ("$.nothing.here", []),
        ("$.tags[?@.name == 'host'].value", ["h1"]),
        ("$.tags[?@.n >= 5 && !(@.name in ['x', 'y'])].value", ["s"]),
        ("$.tags[?@.value contains 's'].n", [5]),
        ("$.groups[*].alerts[*]", [1, 2, 3]),
        ("$.groups[1:].alerts[0]", [3]),
        ("$..value", ["h1", "s"]),
    ],
)
def test_a_search_finds_all(text: str, found: list[object]) -> None:
    """Names, positions, ranges, everything below, and filters by values of the entry."""
    assert read_search(text)(DOCUMENT) == found


def test_a_search_finds_nothing_in_simple_values() -> None:
    """A value that is no document has nothing below it."""
    assert read_search("$.a[*]")("text") == read_search("$.a")("text") == []


@pytest.mark.parametrize(
    "text",
    [
        "$[?@.x =~ /(a+)+$/]",
        "$[?@.x =~ @.pattern]",
        "$[?search(@.x, '(a+)+$')]",
        "$[?match(@.x, @.pattern)]",
        "$[?!(@.y == 1 || search(@.x, '(a+)+$'))]",
        "$[?@.y[?search(@.x, 'a')]]",
        "$..*..*..*",
        "$[*,*][*,*][*,*]",
        "$['a','a']['b','b']",
        "$[?@..x]",
        "$[?@.x == $.y]",
        "$[?@.x in $.y]",
        "$[?count(@..*) > 1]",
        "$[~]",
        "$[?" + "(" * 900,
        "$[?" + "!" * 900 + "@.x]",
        "$[?" + "(" * 900 + "@.x" + ")" * 900 + "]",
        "$.a | $.b",
        "$.[",
        "a.b",
        "",
    ],
)
def test_a_search_that_could_take_long_is_refused(text: str) -> None:
    """Regular expressions, nested searches, and expressions that multiply the results."""
    with pytest.raises(ValueError, match="a JSONPath"):
        read_search(text)


def test_a_search_raises_only_listed_errors() -> None:
    """Values of other types than expected raise only the listed errors."""
    values: list[object] = [None, True, "x", 1e999, 10**400, [], {}, [[1]], {"x": {}}]
    for value in values:
        for text in ("$[?@.x > 1]", "$[?@.x in ['a']]", "$[?@.x contains 'a']", "$[?@.x < 'a']", "$..x"):
            try:
                found = read_search(text)([value, {"x": value}])
            except FAULTS:
                continue
            assert isinstance(found, list)
