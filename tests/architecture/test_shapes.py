"""Refusals of text say in words what is expected: no message of a declared model has a regular expression."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

import connectors
import opsconductor
from opsconductor.api.http.validation import faults_of
from opsconductor.config.faults import FilePlace
from opsconductor.config.faults import faults_of as file_faults_of
from opsconductor.config.provision.document import Document
from opsconductor.connector.settings.shape import HOST, Shape

EXPRESSION = re.compile(r"\[\^|\]\{|\]\*|\]\+|\\[dwsx]|\(\?|\^\(|\)\$")
"""What regular expressions have and sentences do not."""
WRONG = ("", " ", "\x00", "\n", "-", "#", ",", "a b", "é", "☃ ?", "0", "x" * 300)
"""Texts of which every shape refuses one."""


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """Import every module of a package, without the one that runs the program."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


@pytest.fixture(scope="module")
def shapes() -> list[Shape]:
    """Import the whole program and return its shapes."""
    every = [module for package in (opsconductor, connectors) for module in modules(package)]
    found = [each for module in every for each in vars(module).values() if isinstance(each, Shape)]
    return list({each.words: each for each in found}.values())


def models(of: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    """Return the models of the program."""
    for each in of.__subclasses__():
        if each.__module__.startswith(("opsconductor.", "connectors.")):
            yield each
        yield from models(each)


def bare_patterns(schema: Any) -> Iterator[str]:
    """Return the patterns of a core schema whose mismatch pydantic words itself."""
    if isinstance(schema, dict):
        if schema.get("type") == "custom-error":
            return
        if schema.get("type") == "str" and "pattern" in schema:
            yield str(schema["pattern"])
        for part in schema.values():
            yield from bare_patterns(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from bare_patterns(part)


@pytest.mark.usefixtures("shapes")
def test_no_model_declares_a_pattern_without_words() -> None:
    """Every pattern of every model is a `Shape`."""
    every = set(models())
    assert len(every) > 300
    bare = {
        f"{model.__module__}.{model.__name__}: {pattern}"
        for model in every
        for pattern in bare_patterns(model.__pydantic_core_schema__)
    }
    assert not bare


def test_every_shape_is_refused_in_words(shapes: list[Shape]) -> None:
    """API and configuration files say what is expected, with an example or a list, without an expression."""
    assert len(shapes) > 30
    for shape in shapes:
        assert not EXPRESSION.search(shape.words)
        assert shape.words[0].islower() or shape.words.startswith("<")
        checked: TypeAdapter[str] = TypeAdapter(Annotated[str, shape])
        assert checked.json_schema()["pattern"] == shape.pattern
        assert refusals(checked) == {shape.words}


def refusals(checked: TypeAdapter[str]) -> set[str]:
    """Return what the API says is expected, of the wrong texts that are refused."""
    refused = []
    for text in WRONG:
        try:
            checked.validate_python(text)
        except ValidationError as error:
            refused += faults_of(error, None)
    return {fault["expected"] for fault in refused}


class Example(BaseModel):
    """A host of a certain length."""

    host: Annotated[str, HOST] = Field(max_length=3)


@pytest.mark.parametrize(
    ("host", "by_api", "in_file"),
    [
        ("a b c", "text that should have at most 3 characters", "text of at most 3 characters"),
        ("a b", HOST.words, HOST.words),
    ],
)
def test_length_and_form_are_refused_alike_by_api_and_file(host: str, by_api: str, in_file: str) -> None:
    """Limits of the field itself keep their own words, although they are written after the shape."""
    with pytest.raises(ValidationError) as caught:
        Example(host=host)
    assert faults_of(caught.value, Example)[0]["expected"] == by_api
    place = FilePlace(document=Document(file="a.yaml", value={}, lines={("host",): 7}), model=Example)
    (fault,) = file_faults_of(caught.value, place)
    assert (fault.line, fault.key, fault.found, fault.expected) == (7, "host", f'"{host}"', in_file)
    assert Example.model_json_schema()["properties"]["host"]["maxLength"] == 3
