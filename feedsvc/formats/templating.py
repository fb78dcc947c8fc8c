"""The pages' templates: every value escaped by where it stands, and an unknown name in one a fault."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates() -> Environment:
    """The package's templates, for one kind of page to add its own words to."""
    return Environment(
        loader=PackageLoader("feedsvc.formats", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
