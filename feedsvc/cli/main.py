"""The command `feedsvc`: its subcommands, and the exit code of an error.

Exit codes: 0 done, 1 something in the input is wrong, 2 wrong usage or settings.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from feedsvc.errors import FeedsvcError

# Each command in the order of `--help`, with its module and function.
COMMANDS = {
    "serve": "serve",
    "reload": "reload",
    "build": "build",
    "export": "export",
    "check": "check",
    "new": "new",
    "init": "init",
    "import": "import_",
    "preview": "preview",
    "status": "status",
    "accept-removals": "accept_removals",
}


class Commands(click.Group):
    """A group that imports a command when it is used, so that a service starts with only its own modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, None where there is none."""
        name = COMMANDS.get(cmd_name)
        if name is None:
            return None
        command: click.Command = getattr(import_module(f"feedsvc.cli.{name}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="feedsvc")
def cli() -> None:
    """Feeds, headlines and pages from a folder of articles."""


def main() -> None:
    """Runs the command that was typed."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except (FeedsvcError, click.ClickException) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"feedsvc: {' '.join(message.split())}", err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
