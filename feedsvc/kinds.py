"""`Kind`: what warnings of many files have in common, so that a thousand of them are told as one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of warnings in the order in which they are told, with the words above those of a kind.

    Databases keep these words, and so may hold some that are no longer here.
    """

    CONFLICT_COPY = "conflict copies of sync tools"
    HELD_BACK = "drafts by a status that is not known"
    HIDDEN_TEXT = "texts of which a part is not shown"
    PICTURE = "pictures that are left out"
    RECORDING = "sound and film that lack something"
    EMBED = "embeds that became links"
    LINK = "links that lead nowhere"
    TEMPLATE_TAG = "template tags"
    CHARACTERS = "characters that no feed may hold"
    SAME_SLUG = "slugs that another article has"
    SAME_TITLE = "titles almost the same as another's"
    OTHER_TITLE = "titles that are ignored"
    REMARK = "texts in which YAML sees a remark"
    VALUE = "values that are left out"
    NO_REASON = "retractions without a reason"
    NO_TOPIC = "articles in no topic"
    LEFT_OUT_TOPIC = "topics and tags that are left out"
    NEW_TOPIC = "new topics with nearly the name of another"
    UNKNOWN_KEY = "unknown keys"
    UNKNOWN_AUTHOR = "authors by whom there is no article"
    TRANSLATION = "translations of nothing in another language"
    DATE_AHEAD = "dates of change that lie ahead"
    NO_DATE = "articles without a date"
    NO_ZONE = "dates without a time zone"
    PARTNER = "what partners would refuse"
    CUT_FEED = "feeds that leave entries out"
    IMPORT = "what an import leaves out or changes"
    PASSED_OVER = "files that are passed over"


# What can be done about all of a kind at once, where it is not said of each.
ADVICE: Mapping[str, str] = {
    Kind.PICTURE: "put each where the text says, or set media_root in site.toml to where the pictures lie",
    Kind.TEMPLATE_TAG: "they are no text, and feedsvc runs no templates; write what they stand for",
    Kind.NO_ZONE: "set timezone in site.toml to that of the newsroom, or write each with its offset, such as +01:00",
}
# Of these each is told, however many there are.
TOLD_IN_FULL = (Kind.CONFLICT_COPY, Kind.PASSED_OVER)
