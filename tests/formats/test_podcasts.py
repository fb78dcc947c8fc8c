"""A topic that is a podcast keeps the rules of Apple, Spotify and Podcasting 2.0, and programs that play podcasts read it."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import feedparser
import podcastparser
from lxml import etree

from feedsvc.formats import partners, render, rss
from feedsvc.model.feed import Feed
from feedsvc.model.podcast import Podcast, guid_of
from rules import podcast
from rules import rss as rss_rules
from rules.rule import complaints
from support.newsroom import ADDRESSES, FULL, HARBOUR, PICTURE, PLAIN, SOUND, make_edition, make_entry

PODCAST = Podcast(
    category=("News", "Politics"),
    image="https://quay.example/cover.jpg",
    author="The Quay Gazette",
    owner=("Ada Keel", "ada@quay.example"),
    locked=True,
)
TOPIC = replace(HARBOUR, podcast=PODCAST)
HEARD = make_entry(replace(FULL, audio=SOUND))
READ = make_entry(PLAIN, breaking=False)


def published(*entries, topic=TOPIC):
    """The RSS as it is published, and what the newsroom is told of it."""
    edition = make_edition(*entries, topic=topic)
    drafts = render.feed_documents(edition, entries, {entry.id: entry.id for entry in entries}, ADDRESSES, {})
    document = next(draft for draft in drafts if draft.path.endswith(".rss")).dated(edition.updated)
    return document.encodings["identity"].body, document.warning


def test_it_keeps_every_rule_and_what_has_no_sound_is_left_out_with_a_warning():
    document, warning = published(HEARD, READ)
    assert complaints(podcast.RULES, document) == complaints(rss_rules.RULES, document) == []
    assert [item.findtext("title") for item in etree.fromstring(document).iter("item")] == [FULL.title]
    assert warning == "is a podcast, and leaves out 1 of its topic's articles, which have no sound or film"


def test_without_owner_and_episodes_it_keeps_every_rule_too():
    bare = replace(TOPIC, podcast=Podcast(category=("History",), image="https://quay.example/cover.png"))
    document, warning = published(topic=bare)
    assert complaints(podcast.RULES, document) == [] and warning is None
    assert b"itunes:owner" not in document and b"podcast:locked" not in document


def test_a_serial_keeps_every_rule_with_numbers_and_without_one_it_breaks_apples():
    serial = replace(TOPIC, podcast=replace(PODCAST, type="serial"))
    document, _ = published(HEARD, topic=serial)
    assert complaints(podcast.RULES, document) == [] and b"<itunes:type>serial" in document
    trailer = make_entry(replace(FULL, audio=replace(SOUND, episode=None, episode_type="trailer")))
    assert complaints(podcast.RULES, published(trailer, topic=serial)[0]) == []
    numberless = make_entry(replace(FULL, audio=replace(SOUND, episode=None, episode_type="")))
    (wrong,) = complaints(podcast.RULES, published(numberless, topic=serial)[0])
    assert "a serial show numbers its episodes" in wrong


def test_podcastparser_reads_it():
    found = podcastparser.parse("https://feeds.quay.example/feeds/harbour.rss", BytesIO(published(HEARD)[0]))
    assert (found["title"], found["type"]) == ("Harbour – The Quay Gazette", "episodic")
    assert found["cover_url"] == PODCAST.image and found["itunes_author"] == "The Quay Gazette"
    assert found["itunes_owner"] == {"name": "Ada Keel", "email": "ada@quay.example"}
    (episode,) = found["episodes"]
    assert (episode["title"], episode["total_time"], episode["guid"]) == (FULL.title, 754, HEARD.id)
    numbers = (episode["number"], episode["season"], episode["type"], episode["explicit"])
    assert numbers == (SOUND.episode, SOUND.season, SOUND.episode_type, SOUND.explicit)
    enclosure = episode["enclosures"][0]
    assert {one["url"] for one in episode["enclosures"]} == {SOUND.src, PICTURE.src}
    assert (enclosure["url"], enclosure["file_size"], enclosure["mime_type"]) == (SOUND.src, SOUND.length, SOUND.type)
    assert "transcript_url" not in episode  # it knows Podcasting 2.0's namespace by its old name alone


def test_feedparser_reads_it():
    found = feedparser.parse(published(HEARD)[0])
    assert not found.bozo and found.feed.publisher_detail.email == "ada@quay.example"
    assert found.feed.image.href == PODCAST.image and [tag.term for tag in found.feed.tags][-2:] == ["News", "Politics"]
    (entry,) = found.entries
    assert entry.itunes_duration == "754" and [one.href for one in entry.enclosures] == [SOUND.src]


def test_partners_and_other_topics_are_no_podcast():
    edition = make_edition(HEARD, topic=TOPIC)
    (form,) = partners.forms_of(Feed(slug=TOPIC.slug, partner="msn"))
    assert b"itunes:category" not in form.whole(edition, [form.entry(HEARD, ADDRESSES)], ADDRESSES)
    document, _ = published(READ, topic=HARBOUR)
    assert b"itunes" not in document and rss.NAMESPACES["itunes"].encode() not in document


def test_its_id_is_made_of_its_address_without_the_scheme():
    # The example of the specification (Podcasting 2.0: guid).
    assert guid_of("https://podnews.net/rss/") == guid_of("http://podnews.net/rss") == "9b024349-ccf0-5f69-a609-6b82873eab3c"
