"""`feedsvc serve`: the service, until it is stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from feedsvc.cli.init import offer
from feedsvc.cli.options import flag, options, read_settings
from feedsvc.errors import TokenError
from feedsvc.settings import SETTINGS, Settings, environment_name

if TYPE_CHECKING:
    from feedsvc.status.token import StatusToken


@click.command()
@options(*SETTINGS)
def serve(articles: Path, database: str, role: str, **_: Any) -> None:
    """Watch the articles, build what changes, and serve what is published; SIGHUP reloads the settings."""
    if role != "web":
        offer(articles, database)
    from feedsvc.supervisor import service

    sources = service.begin()  # first of all: they import their modules on another core
    from feedsvc.status.token import StatusToken

    typed = _typed(click.get_current_context())

    def load() -> Settings:
        return read_settings(serve, typed)

    token = StatusToken(load())

    def announce(address: str) -> None:
        click.echo(f"feedsvc is ready at {address}")
        click.echo(f"status page: {address}/status ({_way_in(token)})")

    service.serve(load, sources, announce)


def _typed(context: click.Context) -> list[str]:
    """The typed flags, which stay at a reload, when environment and file are read again."""
    typed = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    file = ["--settings", str(context.meta["settings"])] if "settings" in context.meta else []
    values = [(flag(name), context.params[name]) for name in typed]
    return [*file, *(word for name, value in values for word in ((name,) if value is True else (name, str(value))))]


def _way_in(token: StatusToken) -> str:
    """How to log in, with the token itself only on a terminal: other output is a log, and is kept."""
    try:
        known = token.read()
    except TokenError as error:
        return f"closed: {error}"
    if sys.stdout.isatty():
        return f"any user name, password {known}"
    return f"any user name, password in {token.path or environment_name('status_token')}"
