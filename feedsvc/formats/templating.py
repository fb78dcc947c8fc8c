"""The pages' templates: every value is escaped, and an unknown name raises an error."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates() -> Environment:
    """The package's templates; each kind of page adds its own globals."""
    return Environment(
        loader=PackageLoader("feedsvc.formats", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
