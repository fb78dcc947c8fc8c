"""Output of commands for programs."""

from __future__ import annotations


def as_json_text(value: object) -> str:
    """A value as JSON that a person can read too."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value)).decode()
