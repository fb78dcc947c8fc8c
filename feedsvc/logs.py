"""How feedsvc writes its log: one line an event, to standard error."""

from __future__ import annotations

import logging
import sys


def set_up_logging() -> None:
    """Sends feedsvc's log, and the warnings of what it is built on, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("feedsvc").setLevel(logging.INFO)
