"""Templates of the pages that the server renders."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from opsconductor import web as files


@cache
def page_template(name: str) -> Template:
    """Return a template, compiled once; every text is escaped, a missing word is an error."""
    environment = Environment(
        loader=FileSystemLoader(files.TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(name)
