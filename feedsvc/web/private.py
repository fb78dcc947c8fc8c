"""Answers for the newsroom alone: not cached, not shown in a frame, not indexed, and silent about their address.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

PLAIN = "text/plain; charset=utf-8"
CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
LOGIN = 'Basic realm="feedsvc status", charset="UTF-8"'  # one for all of them, so that a browser asks once


def private(policy: str = CLOSED) -> dict[str, str]:
    """The headers of an answer that is loaded under a content security policy."""
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Accel-Expires": "0",  # nginx obeys this also where it is told to ignore Cache-Control
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
