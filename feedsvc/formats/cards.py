"""`Cards`: articles in the lists of pages. Pure: no clock, no globals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from functools import cached_property
from typing import Any

from markupsafe import Markup

from feedsvc.formats.page_base import page_macros
from feedsvc.model.edition import Entry
from feedsvc.model.urls import Urls

Marks = Mapping[str, str]
Fragments = MutableMapping[tuple[str, str], bytes]


class Cards:
    """Articles in the lists of pages; one is rendered once for a place, as long as what it shows stays.

    `marks` gives for an entry's id the digest of all that it shows; without one, it is rendered and not kept in `fragments`.
    """

    def __init__(self, addresses: Urls, marks: Marks | None = None, fragments: Fragments | None = None) -> None:
        self._addresses = addresses
        self._marks = marks or {}
        self._fragments = {} if fragments is None else fragments

    def card(self, entry: Entry, kind: str, *, kicker: bool = True, lazy: bool = True) -> Markup:
        """An article on the front page: the lead, a second, the first of a block with its picture, or a line."""
        place = f"card {kind} {kicker} {lazy}"
        return self._kept(place, entry, lambda: self._macros.card(entry, kind, kicker=kicker, lazy=lazy))

    def listed(self, entry: Entry, *, first: bool) -> Markup:
        """An article in the list of a topic's page."""
        return self._kept(f"listed {first}", entry, lambda: self._macros.listed(entry, first=first))

    def _kept(self, place: str, entry: Entry, render: Callable[[], Markup]) -> Markup:
        mark = self._marks.get(entry.id)
        if mark is None:
            return render()
        kept = self._fragments.get((place, mark))
        if kept is None:
            kept = self._fragments[place, mark] = render().encode()
        return Markup(kept.decode())  # noqa: S704  (the template escaped it)

    @cached_property
    def _macros(self) -> Any:
        return page_macros("cards.html", self._addresses)
