"""The front page as it is built: what leads, in which order the topics stand, and that it follows every change."""

from __future__ import annotations

import re
from datetime import timedelta

from support.live import NOON, Newsroom

HOUR = timedelta(hours=1)

SITE = """[site]
title = "Gazette"
[topics.sport]
[topics.council]
[topics.waterfront]
any = ["sport", "council"]
"""


def heads(newsroom: Newsroom) -> list[str]:
    """The headings of the front page in their order, a block's topic among them."""
    page = newsroom.body("/")
    found = re.findall(r'<h2 id="(?:block|more)[^>]*>(?:<a[^>]*>)?(.*?)<|<h3[^>]*>.*?<a href="[^"]*">(.*?)</a>', page)
    return [topic.upper() or title for topic, title in found]


def write(newsroom: Newsroom, path: str, hours: int, **keys: object) -> None:
    newsroom.write(path, date=NOON - hours * HOUR, **keys)


def test_the_newest_lead_and_the_topics_follow_in_the_order_of_the_site(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    for number in range(1, 5):
        write(newsroom, f"council/top-{number}.md", number, title=f"Top {number}")
    for topic, hours in (("council", 5), ("sport", 6), ("zoo", 8), ("art", 7)):
        write(newsroom, f"{topic}/{topic}.md", hours, title=f"On {topic}")
    write(newsroom, "nowhere.md", 9, title="Of no topic")
    newsroom.build()
    top = ["Top 1", "Top 2", "Top 3", "Top 4"]
    blocks = ["SPORT", "On sport", "COUNCIL", "On council", "ART", "On art", "ZOO", "On zoo"]
    assert heads(newsroom) == [*top, *blocks, "MORE NEWS", "Of no topic"]


def test_what_says_so_leads_and_what_breaks_is_before_it_while_it_breaks(newsroom: Newsroom) -> None:
    for number in range(1, 4):
        write(newsroom, f"sport/plain-{number}.md", number, title=f"Plain {number}")
    write(newsroom, "sport/lead.md", 9, title="Leads", lead=True)
    write(newsroom, "sport/breaks.md", 10, title="Breaks", breaking=NOON + HOUR)
    newsroom.build()
    assert heads(newsroom)[:3] == ["Breaks", "Leads", "Plain 1"]
    newsroom.now = NOON + HOUR + timedelta(minutes=1)
    newsroom.build()
    assert heads(newsroom)[:3] == ["Leads", "Plain 1", "Plain 2"]
    newsroom.write("sport/lead.md", date=NOON - 9 * HOUR, title="Leads")
    newsroom.build()
    assert heads(newsroom)[:3] == ["Plain 1", "Plain 2", "Plain 3"]


def test_what_stands_only_in_a_block_is_mended_there(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\ntitle = "Gazette"\nentries_per_feed = 4\n')
    for number in range(5):
        write(newsroom, f"sport/new-{number}.md", number, title=f"New {number}")
    write(newsroom, "council/old.md", 50, title="An old tilte")
    newsroom.build()
    assert "An old tilte" in heads(newsroom)
    newsroom.write("council/old.md", date=NOON - 50 * HOUR, title="An old title")
    newsroom.build()
    assert "An old title" in heads(newsroom)
