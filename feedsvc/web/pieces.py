"""`Pieces`: the body of an answer that is read from the database piece by piece, while it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from feedsvc.errors import StoreError
from feedsvc.model.file_copy import PIECE_BYTES, Part

ReadPiece = Callable[[str, int], bytes | None]


class Pieces:
    """The bytes of a part as WSGI wants them: one piece is in memory at a time.

    Where a piece is gone, or can't be read, `StoreError` ends the answer before its length is reached, which its reader notices.
    """

    def __init__(self, part: Part, read: ReadPiece) -> None:
        self.part = part
        self._read = read

    def __iter__(self) -> Iterator[bytes]:
        at = self.part.start
        while at < self.part.end:
            piece = self.at(at)
            yield piece
            at += len(piece)

    def at(self, start: int) -> bytes:
        """The bytes from a position to the end of its piece, or of the part; never none."""
        number, skipped = divmod(start, PIECE_BYTES)
        piece = self._read(self.part.copy, number)
        found = piece[skipped : skipped + self.part.end - start] if piece else b""
        if not found:
            raise StoreError(f"piece {number} of the copy {self.part.copy} is gone")
        return found
