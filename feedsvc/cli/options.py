"""The flags of the settings: each with its environment variable, its name in a settings file, and its help text."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from pathlib import Path
from typing import Any, TypeVar

import click

from feedsvc.cli.settings_file import read_settings_file
from feedsvc.errors import UsageError
from feedsvc.settings import NAMED_SECRETS, SECRETS, SETTINGS, Settings, environment_name

Command = TypeVar("Command", bound=Callable[..., Any])

_TYPES: dict[str, Any] = {"Path": Path, "Path | None": Path, "int": int, "float": float}


def flag(setting: str) -> str:
    """The flag of a setting."""
    return f"--{setting.replace('_', '-')}"


def options(*names: str) -> Callable[[Command], Command]:
    """The flags of some settings, each with its environment variable and its help text."""

    def add(command: Command) -> Command:
        for name in reversed([name for name in SETTINGS if name in names]):
            setting = SETTINGS[name]
            default = None if setting.default is MISSING else setting.default
            is_flag = str(setting.type) == "bool"
            typed = {} if is_flag else {"type": _TYPES.get(str(setting.type), str), "metavar": setting.metadata["metavar"]}
            command = click.option(
                flag(name),
                name,
                is_flag=is_flag,
                default=default,
                show_default=default is not None and not is_flag,
                envvar=environment_name(name),
                show_envvar=True,
                help=setting.metadata["help"],
                **typed,
            )(command)
        # Read before the others, because it gives their defaults.
        return click.option(
            "--settings",
            type=click.Path(path_type=Path),
            envvar="FEEDSVC_SETTINGS",
            show_envvar=True,
            metavar="FILE",
            is_eager=True,
            expose_value=False,
            callback=_take_file,
            help="A file of settings, one NAME=value per line; flags and environment variables override it.",
        )(command)

    return add


def read_settings(command: click.Command, typed: Sequence[str] = ()) -> Settings:
    """The settings of a command, from these flags, the environment and the settings file as they are now.

    Raises `UsageError`.
    """
    try:
        context = command.make_context("feedsvc", list(typed))
    except click.ClickException as error:
        raise UsageError(" ".join(error.format_message().split())) from error
    return Settings(**context.params, **secrets(context))


def secrets(context: click.Context) -> dict[str, Any]:
    """The settings of a command that have no flag, from the environment or the settings file."""
    given = context.default_map or {}
    found = {name: value for name in SECRETS if (value := os.environ.get(environment_name(name)) or given.get(name))}
    return found | {name: _named(prefix, given.get(name, {})) for name, prefix in NAMED_SECRETS.items()}


def _named(prefix: str, given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The secrets whose environment variables begin with a prefix, by the rest of their names."""
    inherited = {name.removeprefix(prefix): value for name, value in os.environ.items() if name.startswith(prefix) and value}
    return tuple(sorted({**given, **inherited}.items()))


def _take_file(context: click.Context, _: click.Parameter, path: Path | None) -> None:
    if path is not None:
        context.meta["settings"] = path
        context.default_map = dict(read_settings_file(path))
