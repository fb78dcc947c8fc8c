"""`feedsvc accept-removals`: the confirmation that the brake waits for."""

from __future__ import annotations

from typing import Any

import click

from feedsvc.cli.options import options
from feedsvc.settings import Settings


@click.command("accept-removals")
@options("database")
def accept_removals(**given: Any) -> None:
    """Confirm that articles missing from the folder were removed on purpose."""
    from feedsvc.storage.facts import BRAKE, BRAKE_KEY, REMOVALS
    from feedsvc.storage.store import Store

    store = Store(Settings(**given).database, create=False)
    key = store.fact(BRAKE_KEY)
    if not store.fact(BRAKE):
        click.echo("there are no removals to confirm")
        return
    store.set_fact(REMOVALS, key)
    click.echo("confirmed: the next scan removes them")
