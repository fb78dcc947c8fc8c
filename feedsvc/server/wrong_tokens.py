"""`WrongTokens`: clients that guess the status token or a feed's password, and are answered slowly. The right one never is."""

from __future__ import annotations

import logging
from collections import OrderedDict

log = logging.getLogger("feedsvc.server")

FREE = 5  # wrong ones in a minute from one client, because people mistype
WINDOW_SECONDS = 60.0
MOST_CLIENTS = 4096


class WrongTokens:
    """Counts wrong tokens by client; the tokens are kept nowhere."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def note(self, client: str, now: float) -> bool:
        """Notes one; whether its answer must be delayed."""
        since, number = self._counts.pop(client, (now, 0))
        if now - since > WINDOW_SECONDS:
            since, number = now, 0
        number += 1
        self._counts[client] = since, number
        if len(self._counts) > MOST_CLIENTS:
            self._counts.popitem(last=False)
        if number in (1, FREE + 1):
            held_back = "" if number == 1 else "; its answers are held back from now on"
            log.warning("a wrong token or password from %s%s", client, held_back)
        return number > FREE
