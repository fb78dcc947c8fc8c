"""`BoundedCache`: documents in memory that take so many bytes at most."""

from __future__ import annotations

from feedsvc.model.document import Document, weight


class BoundedCache:
    """Documents by path. To make room, the oldest without a request since it was last passed over goes (second chance).

    A look-up needs no lock; adding and removing need the caller's.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self.documents: dict[str, Document] = {}  # oldest first, or longest since it was passed over
        self.asked: set[str] = set()

    def get(self, path: str) -> Document | None:
        """The document at a path."""
        document = self.documents.get(path)
        if document is not None:
            self.asked.add(path)
        return document

    def put(self, path: str, document: Document) -> None:
        """Adds a document, or replaces the one at its path, unless it alone exceeds the limit."""
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
        """Removes the document at a path, if there is one."""
        document = self.documents.pop(path, None)
        self.asked.discard(path)
        if document is not None:
            self._bytes -= weight(document)

    def clear(self) -> None:
        """Removes all of them."""
        self.documents, self.asked, self._bytes = {}, set(), 0
