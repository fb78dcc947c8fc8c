"""`Parts`: what a file's text gives beside its front matter. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from feedsvc.model.article import MAX_TEXT

MAX_PASSAGE = 10 * MAX_TEXT  # a standfirst, or another text of a sentence or more
MAX_LISTED = 50  # key points, authors, corrections


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An article's parts as its text gives them.

    `html` is the body, not sanitised yet; where `exact` is set its lines are the file's own, from `line` on, and else `line` is
    where the body starts.
    """

    html: str
    line: int
    exact: bool = False
    title: str = ""
    title_line: int = 0
    standfirst: str = ""
    key_points: tuple[str, ...] = ()
    why_it_matters: str = ""
    what_it_means: str = ""

    def line_at(self, offset: int) -> int:
        """The line of the file that stands at an offset of `html`."""
        return self.line + self.html.count("\n", 0, offset) if self.exact else self.line
