"""The names that other systems give the keys of the front matter: one table, which docs/articles.md repeats. Pure.

A key counts in any case. Of several names for one field those that stand earlier here win, except where both could decide
whether an article is public: then they must agree.
"""

from __future__ import annotations

from collections.abc import Mapping

# What a yes holds back, and what a no holds back.
DRAFT = ("draft", "isdraft", "is_draft")
PUBLISHED = ("published", "publish", "ispublished", "is_published", "public")
STATUS = ("status", "post_status")
# An article that has one of these is not for everybody, whatever else it says.
HIDDEN = ("hidden", "unlisted", "private", "password", "headless", "eleventyexcludefromcollections")

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "date": (
        *("publishdate", "publish_date", "publishedat", "published_at", "publishedon", "pubdate", "pub_date"),
        *("date_published", "datepublished", "createdat", "created_at", "created"),
    ),
    "updated": (
        *("lastmod", "last_modified_at", "lastmodified", "last_modified", "last_updated", "lastupdated", "updatedat", "updated_at"),
        *("updateddate", "updated_date", "modified", "modified_at", "modified_time", "datemodified", "date_modified"),
    ),
    "expires": (
        *("expirydate", "expiry_date", "expiry", "expiredate", "expire_date", "expirationdate", "expiration_date"),
        *("expires_at", "unpublishdate"),
    ),
    "draft": (*DRAFT[1:], *PUBLISHED, *STATUS, *HIDDEN),
    "authors": ("author",),
    "standfirst": ("summary",),
}
# A name that only says when a file was made, and so gives way to all that say when it was published.
WHEN_MADE = frozenset({"created", "createdat", "created_at"})
# The names that are this product's own.
OWN = {"author": "authors", "summary": "standfirst"}

FIELD_OF: Mapping[str, str] = {name: field for field, names in SYNONYMS.items() for name in names}
