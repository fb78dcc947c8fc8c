"""`Shelf`: documents in memory that take so many bytes at most."""

from __future__ import annotations

from feedsvc.model.document import Document, weight


class Shelf:
    """Documents by path; where room is wanted, one goes that nobody has asked for since room was wanted last (second chance).

    To look up takes no lock; whoever puts or takes away holds one.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self.documents: dict[str, Document] = {}  # the oldest first, or the one that was passed over longest ago
        self.asked: set[str] = set()

    def get(self, path: str) -> Document | None:
        """The document at a path."""
        document = self.documents.get(path)
        if document is not None:
            self.asked.add(path)
        return document

    def put(self, path: str, document: Document) -> None:
        """Takes a document, in the place of the one at this path, unless there is not room enough for it alone."""
        self.drop(path)
        if weight(document) > self._most:
            return
        self.documents[path] = document
        self._bytes += weight(document)
        while self._bytes > self._most:
            oldest = next(iter(self.documents))
            if oldest in self.asked or oldest == path:
                self.asked.discard(oldest)
                self.documents[oldest] = self.documents.pop(oldest)
            else:
                self.drop(oldest)

    def drop(self, path: str) -> None:
        """Takes away the document at a path, where there is one."""
        document = self.documents.pop(path, None)
        self.asked.discard(path)
        if document is not None:
            self._bytes -= weight(document)

    def clear(self) -> None:
        """Takes away all of them."""
        self.documents, self.asked, self._bytes = {}, set(), 0
