"""The page of corrections: what was put right and what was retracted, the latest first, and nothing that nobody may see."""

from __future__ import annotations

import re
from datetime import timedelta

from support.live import NOON, Newsroom

DAY = timedelta(days=1)


def told(newsroom: Newsroom) -> list[tuple[str, str, str]]:
    page = newsroom.body("/corrections")
    found = re.findall(r'"kicker">(\w+)</p>\s*<h3[^>]*><a href="[^"]*">(.*?)</a></h3>\s*<p[^>]*>(.*?)</p>', page)
    return [(kind, title, text) for kind, title, text in found]


def fault(days: int, text: str) -> dict[str, object]:
    return {"date": (NOON - days * DAY).isoformat(), "text": text}


def test_what_was_put_right_is_listed_the_latest_first(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win", corrections=[fault(3, "It was two goals."), fault(1, "And in the rain.")])
    newsroom.write("sport/draw.md", title="Town draw", corrections=[fault(2, "It was a draw.")])
    newsroom.write("sport/sold.md", title="Town sold")
    newsroom.write("sport/later.md", title="Later", date=NOON + DAY, corrections=[fault(1, "A secret.")])
    newsroom.write("sport/draft.md", title="Draft", draft=True, corrections=[fault(1, "A secret.")])
    newsroom.build()
    corrected = [("Corrected", "Town win", "And in the rain."), ("Corrected", "Town draw", "It was a draw.")]
    assert told(newsroom) == [*corrected, ("Corrected", "Town win", "It was two goals.")]
    newsroom.write("sport/sold.md", title="Town not sold", retracted="Nobody bought it.")
    newsroom.build()
    assert told(newsroom)[:2] == [("Retracted", "An article", "Nobody bought it."), corrected[0]]
    assert f'href="{newsroom.public_url}/articles/sold"' in newsroom.body("/corrections")


def test_where_nothing_was_wrong_the_page_says_so_and_it_follows_a_removal(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win", corrections=[fault(1, "It was two goals.")])
    newsroom.write("sport/draw.md")
    newsroom.build()
    (newsroom.articles / "sport/win.md").unlink()
    newsroom.build()
    assert told(newsroom) == []
    assert "There has been nothing to correct." in newsroom.body("/corrections")
