"""The names that other systems give the keys of the front matter: one table, which docs/articles.md repeats. Pure.

A key counts in any case. Of several names for one field the one that stands first here wins, the product's own before all, except
where two could decide whether an article is public: then they must agree. Topics and tags are taken from all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# The product's own keys, in the order in which docs/articles.md lists them.
KEYS = (
    *("title", "id", "slug", "date", "updated", "expires", "draft", "authors", "topics", "tags", "story", "standfirst"),
    *("key_points", "why_it_matters", "what_it_means", "link", "image", "images", "audio", "video", "lead", "breaking"),
    *("claim", "corrections", "retracted", "language", "translation_of", "aliases", "kind", "syndicate"),
)
# Its own other spellings.
OWN = {"author": "authors", "summary": "standfirst"}

# What a no holds back, a status that does, and what makes an article one that is not for everybody, whatever else it says.
PUBLISHED = ("published", "publish", "ispublished", "is_published", "public")
STATUS = ("status", "post_status")
# These may be about something else too, such as a state of the union, so only words that hold back count.
STAGE = ("state", "visibility", "stage", "workflow_state", "publication_status")
HIDDEN = ("hidden", "unlisted", "private", "password", "headless", "eleventyexcludefromcollections")
BUILD = ("build", "_build")  # a table in which Hugo is told not to make or list a page

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "slug": ("permalink", "url", "path"),
    "date": (
        *("publishdate", "publish_date", "publishedat", "published_at", "publishedon", "pubdate", "pub_date"),
        *("date_published", "datepublished", "createdat", "created_at", "created"),
    ),
    "updated": (
        *("lastmod", "last_modified_at", "lastmodified", "last_modified", "last_updated", "lastupdated", "updatedat", "updated_at"),
        *("updateddate", "updated_date", "modified", "modified_at", "modified_time", "datemodified", "date_modified"),
        "last_update",
    ),
    "expires": (
        *("expirydate", "expiry_date", "expiry", "expiredate", "expire_date", "expirationdate", "expiration_date"),
        *("expires_at", "unpublishdate"),
    ),
    "draft": ("isdraft", "is_draft", "wip", *PUBLISHED, *STATUS, *STAGE, *BUILD, *HIDDEN),
    "authors": ("author", "byline", "writer", "creator"),
    "topics": ("categories", "category", "section"),
    "tags": ("tag", "keywords"),
    "standfirst": ("summary", "description", "excerpt", "subtitle", "deck", "dek", "lede", "abstract"),
    "image": (
        *("cover", "cover_image", "coverimage", "featured", "featured_image", "featuredimage", "feature_image"),
        *("hero", "hero_image", "heroimage", "header", "banner", "thumbnail", "thumb", "og_image", "social_image", "socialimage"),
    ),
    "language": ("lang", "locale", "languagecode", "language_code"),
    "translation_of": ("translationkey", "translation_key", "lang_ref"),
    "aliases": ("redirect_from", "redirects_from", "old_urls", "alias"),
}
# A table of Zola and Hugo that holds `categories` and `tags`, and may hold `authors`.
TAXONOMIES = "taxonomies"
# A table of Zola that holds what its templates show. Its keys come after all others, and none of them holds back.
EXTRA = "extra"
IN_EXTRA = ("authors", "standfirst", "image")
# The address of the one author, outside of a table, as in Docusaurus.
AUTHOR_URL = ("author_url", "authorurl")
# Names that say when a file was made, and so give way to all that say when it was published.
WHEN_MADE = frozenset({"created", "createdat", "created_at"})
# Keys whose text is several words with spaces between them where it has no commas, as Jekyll and Hexo read it.
SPACED = frozenset({"categories", "tags", "keywords"})

# Keys of other systems that say nothing of the article itself: no warning, for every file has them.
PASSED_OVER = frozenset(
    {
        *("layout", "template", "type", "weight", "order", "menu", "toc", "nav_order", "parent", "comments", "comment"),
        *("math", "mathjax", "katex", "mermaid", "disqus", "disqus_identifier", "guid", "uuid", "uid", "wordpress_id", "post_id"),
        *("sitemap", "robots", "seo", "resources", "outputs", "cascade", "params", "share", "sidebar"),
        *("sidebar_label", "sidebar_position", "hide_table_of_contents", "pagination_next", "pagination_prev", "series", "pin"),
        *("pinned", "sticky", "archived", "linktitle", "related", "wordcount", "reading_time", "readingtime", "in_language"),
        *("canonical", "canonical_url", "canonicalurl", "style", "css", "js"),
        *("excerpt_separator", "page_id", "mastodon", "bluesky", "twitter"),
        *("classes", "tagline", "format", "version", "license", "copyright", "save_as"),
        *("authortitle", "author_title", "authorimageurl", "author_image_url"),
        *("authortwitter", "authorfbid"),
    }
)

FIELD_OF: Mapping[str, str] = {
    **{name: field for field, names in SYNONYMS.items() for name in names},
    **{key: key for key in KEYS},
}
# The product's own names, as it writes them; `date` may be a table of several moments.
PLAIN: Mapping[str, str] = {**{key: key for key in KEYS if key != "date"}, **OWN}
_OTHER_NAMES = frozenset({*FIELD_OF, TAXONOMIES} - {*KEYS, *OWN})
_RANK: Mapping[str, int] = {name: rank for names in SYNONYMS.values() for rank, name in enumerate(names, 1)}


def is_ours(key: str) -> bool:
    """Whether a key means something here."""
    name = key.lower()
    return name in FIELD_OF or name == TAXONOMIES or name in AUTHOR_URL


def ours_of(key: str, value: Any) -> Any:
    """What of a key's value means something here: all of it, the keys of Zola's table that do, or None."""
    if key.lower() == EXTRA and isinstance(value, dict):
        return {name: inner for name, inner in value.items() if FIELD_OF.get(name.lower()) in IN_EXTRA}
    return value if is_ours(key) else None


def taken(keys: Iterable[str]) -> tuple[str, ...]:
    """Those of some keys that are other systems' names for ours."""
    return tuple([key for key in keys if key.lower() in _OTHER_NAMES])


def rank(key: str) -> int:
    """The place of a key among those of its field, 0 for the product's own name."""
    return len(_RANK) if key.startswith(f"{EXTRA}.") else _RANK.get(key.lower(), 0)
