"""`Podcast`: what makes a topic's RSS a podcast, and Apple's categories of podcasts. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID, uuid5

EPISODIC, SERIAL = TYPES = ("episodic", "serial")  # the newest first; in their order, by their numbers
# What Apple plays (“A Podcaster's Guide to RSS”: enclosure).
PLAYED = ("audio/mpeg", "audio/x-m4a", "video/mp4", "video/x-m4v", "video/quicktime")
_NAMESPACE = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # of podcasts (Podcasting 2.0: guid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Podcast:
    """A podcast as directories list it; `category` is one of Apple's, with one below it or none.

    `owner` is a name and an e-mail address, `guid` the one that it had elsewhere, `locked` whether others may not take it over.
    """

    category: tuple[str, ...]
    image: str
    author: str = ""
    explicit: bool = False
    type: str = EPISODIC
    owner: tuple[str, str] | None = None
    guid: str = ""
    locked: bool | None = None


def guid_of(feed_url: str) -> str:
    """The lasting id of a podcast that was never anywhere else: of its address without the scheme (Podcasting 2.0: guid)."""
    return str(uuid5(_NAMESPACE, feed_url.partition("://")[2].rstrip("/")))


# As of 2019, and unchanged since (https://podcasters.apple.com/support/1691-apple-podcasts-categories).
CATEGORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Arts": ("Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"),
        "Business": ("Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"),
        "Comedy": ("Comedy Interviews", "Improv", "Stand-Up"),
        "Education": ("Courses", "How To", "Language Learning", "Self-Improvement"),
        "Fiction": ("Comedy Fiction", "Drama", "Science Fiction"),
        "Government": (),
        "Health & Fitness": ("Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality"),
        "History": (),
        "Kids & Family": ("Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"),
        "Leisure": (
            *("Animation & Manga", "Automotive", "Aviation", "Crafts", "Games", "Hobbies", "Home & Garden"),
            "Video Games",
        ),
        "Music": ("Music Commentary", "Music History", "Music Interviews"),
        "News": (
            *("Business News", "Daily News", "Entertainment News", "News Commentary", "Politics", "Sports News"),
            "Tech News",
        ),
        "Religion & Spirituality": (
            *("Buddhism", "Christianity", "Hinduism", "Islam", "Judaism", "Religion", "Spirituality"),
        ),
        "Science": (
            *("Astronomy", "Chemistry", "Earth Sciences", "Life Sciences", "Mathematics", "Natural Sciences", "Nature"),
            *("Physics", "Social Sciences"),
        ),
        "Society & Culture": ("Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"),
        "Sports": (
            *("Baseball", "Basketball", "Cricket", "Fantasy Sports", "Football", "Golf", "Hockey", "Rugby", "Running"),
            *("Soccer", "Swimming", "Tennis", "Volleyball", "Wilderness", "Wrestling"),
        ),
        "TV & Film": ("After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"),
        "Technology": (),
        "True Crime": (),
    }
)
