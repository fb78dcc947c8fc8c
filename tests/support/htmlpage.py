"""A page as parsed, for tests that look at its markup."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


class Page(HTMLParser):
    """A page as parsed: its elements in order, and its text by element; fails on an end tag that closes nothing or too much."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.seen: list[tuple[tuple[str, ...], str]] = []
        self._open: list[str] = []
        self.feed(page.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute appears twice in {self.get_starttag_text()}"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen.append((tuple(self._open), data))

    @property
    def text(self) -> str:
        """What a person sees, its white space folded."""
        return " ".join("".join(data for path, data in self.seen if "head" not in path).split())

    @property
    def outline(self) -> list[tuple[str, tuple[str, ...]]]:
        """The markup without its texts: every element with the names of its attributes."""
        return [(tag, tuple(attributes)) for tag, attributes in self.elements]

    @property
    def ids(self) -> set[str]:
        """The ids of its elements."""
        return {attributes["id"] for _, attributes in self.elements if "id" in attributes}

    def all(self, tag: str, **having: str) -> list[dict[str, str]]:
        """The attributes of every element with this tag and, among them, these."""
        return [found for name, found in self.elements if name == tag and having.items() <= found.items()]

    def said(self, tag: str) -> str:
        """The text inside every element of a tag."""
        return " ".join("".join(data for path, data in self.seen if tag in path).split())
