"""A document's bytes in every content coding that is worth storing.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import brotli
from zlib_ng import gzip_ng

from feedsvc.model.document import SVG, Encoded
from feedsvc.model.etag import etag


def encode(body: bytes, content_type: str, *, dense: bool = False) -> dict[str, Encoded]:
    """A body in every coding worth storing; `dense` compresses it harder, for what is built once and sent for years.

    What is compressed already, such as a picture, is not compressed again.
    """
    encodings = {"identity": Encoded(body, etag(body))}
    if not content_type.startswith("image/") or content_type == SVG:
        # Compression is most of an update. Levels of 9 take ten times as long, for 3 % fewer bytes.
        gzip_level, br_level = (9, 11) if dense else (3, 3)
        zipped, brotlied = gzip_ng.compress(body, gzip_level, mtime=0), brotli.compress(body, quality=br_level)
        for coding, packed in (("gzip", zipped), ("br", brotlied)):
            encodings[coding] = Encoded(packed, etag(packed))
    return encodings
