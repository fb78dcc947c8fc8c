"""Topics that were meant: names nearly those of known ones, and those that site.toml doesn't let an article make."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.builder.check import check
from feedsvc.builder.topic_names import near_miss
from support.live import NOON, Newsroom

KNOWN = {
    **{"politics": "Politics", "harbour": "Harbour", "sport": "Sport", "north": "North", "uk": "UK"},
    **{"2025": "2025", "vote-2025": "Vote 2025"},
}


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("politcs", "Politics"),
        ("polotics", "Politics"),
        ("poiltics", "Politics"),
        ("pollitics", "Politics"),
        ("harbor", "Harbour"),
        ("sports", "Sport"),
        ("sprot", "Sport"),
        ("south", None),
        ("2026", None),
        ("vote-2026", None),
        ("vote-2015", None),
        ("vote-20255", None),
        ("voted-2025", "Vote 2025"),
        ("us", None),
        ("transport", None),
        ("politics", None),
        ("", None),
    ],
)
def test_a_name_one_or_two_letters_from_a_known_one(slug: str, name: str | None) -> None:
    assert near_miss(slug, KNOWN) == name


def test_a_topic_nearly_of_a_known_name_is_doubted(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\ntitle = "T"\n[topics.politics]\n')
    newsroom.write("a.md", topics=["Politcs", "Fishing"], date=NOON)
    newsroom.build()
    reason = 'the topic "Politcs" is new, and nearly called "Politics"; did you mean that?'
    assert [fault.reason for fault in newsroom.store.files()["a.md"].faults] == [reason]
    assert newsroom.titles("politcs") == ["A"]
    assert reason in {fault.reason for fault in check(newsroom.articles, [], newsroom.public_url, NOON).faults}


def test_a_topic_that_many_articles_have_is_known_too(newsroom: Newsroom) -> None:
    for name in "abc":
        newsroom.write(f"{name}.md", topics=["Harbour"], title=f"Tides of {name * 9}", body=name, date=NOON)
    newsroom.build()
    newsroom.write("d.md", topics=["Harbor"], title="Something else", date=NOON)
    newsroom.build("d.md", after=timedelta(minutes=1))
    reason = 'the topic "Harbor" is new, and nearly called "Harbour"; did you mean that?'
    assert [fault.reason for fault in newsroom.store.files()["d.md"].faults] == [reason]
    named = [Path(f"{letter}.md") for letter in "dabc"]
    assert reason in {fault.reason for fault in check(newsroom.articles, named, "", NOON).faults}


def test_without_new_topics_an_unknown_one_is_left_out_and_its_article_published(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\ntitle = "T"\nnew_topics = false\n[topics.politics]\naliases = ["westminster"]\n')
    newsroom.write("gossip/a.md", topics=["Politcs", "Westminster"], date=NOON)
    newsroom.build()
    assert newsroom.titles("politics") == newsroom.titles() == ["A"]
    assert newsroom.document("/feeds/politcs.rss") is newsroom.document("/feeds/gossip.rss") is None
    assert [fault.reason for fault in newsroom.store.files()["gossip/a.md"].faults] == [
        'the topic "Politcs" is left out: site.toml has none of that name; did you mean "Politics"?',
        'the topic "gossip" is left out: site.toml has none of that name',
    ]
    newsroom.write("site.toml", '[site]\ntitle = "T"\nnew_topics = false\n[topics.politics]\n[topics.gossip]\n')
    newsroom.build(after=timedelta(minutes=1))
    assert newsroom.titles("gossip") == ["A"]
