"""Digests of bytes and texts, and the integrity values made of them.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode


def integrity(body: bytes) -> str:
    """The digest of some bytes as browsers check it (Subresource Integrity, 3.1)."""
    return f"sha384-{b64encode(hashlib.sha384(body).digest()).decode()}"


def digest(*parts: bytes | str) -> str:
    """The digest of some parts; moving text from one part to the next changes it."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "big"))
        made.update(data)
    return made.hexdigest()
