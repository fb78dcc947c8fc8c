"""How an ETag is made (RFC 9110, 8.8.3). Pure."""

from feedsvc.model.hashing import digest


def etag(body: bytes) -> str:
    """The strong ETag of some bytes."""
    return f'"{digest(body)}"'
