"""A document's bytes in every content coding that is worth storing.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import brotli
from zlib_ng import gzip_ng

from feedsvc.model.document import SVG, Encoded, Unpacked
from feedsvc.model.etag import etag


def encode(body: bytes, content_type: str, *, dense: bool = False) -> dict[str, Encoded]:
    """A body in every coding worth storing; `dense` compresses it harder, for what is built once and sent for years.

    What is compressed already, such as a picture, is not compressed again. Of what is, the plain bytes are not kept beside it: a
    build's documents are all in memory before they are published.
    """
    if content_type.startswith("image/") and content_type != SVG:
        return {"identity": Encoded(body, etag(body))}
    # Compression is most of an update. Levels of 9 take ten times as long, for 3 % fewer bytes.
    gzip_level, br_level = (9, 11) if dense else (3, 2)
    zipped, brotlied = gzip_ng.compress(body, gzip_level, mtime=0), brotli.compress(body, quality=br_level)
    packed = {coding: Encoded(one, etag(one)) for coding, one in (("gzip", zipped), ("br", brotlied))}
    return {"identity": Unpacked(zipped, etag(body)), **packed}
