"""How long caches may keep each kind of document: the `max-age` of Cache-Control (RFC 9111, 5.2.2.1), in seconds. Pure.

A change reaches documents that are published already when `VERSION` in `formats/render.py` is raised.
"""

FEED = 60
HEADLINES = 30
HEADLINES_BREAKING = 10  # less than a ticker waits between two looks, so that each finds what is new
PAGE = 60
ASSET = 3_600  # styles and scripts at addresses that keep their name
PICTURE = 86_400  # no longer, for one that is withdrawn should leave the caches too
FOR_EVER = 31_536_000  # a year, which caches treat as for ever: for addresses that name a digest of their bytes
