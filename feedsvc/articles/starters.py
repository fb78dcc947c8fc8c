"""What a writer begins with: a new article, and the first files of a new newsroom. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

FIRST_ARTICLE = "news/first-article.md"


def new_article(title: str, topics: Sequence[str] = ()) -> str:
    """The text of a new article's file: a draft, with the keys that matter; `topics` are those beside its folder's."""
    named = ", ".join(_in_quotes(topic) for topic in topics)
    return f"""---
title: {_in_quotes(title)}
draft: true  # take this line out, and the article is published
standfirst:  # one or two sentences, for feeds and share cards
authors: []  # [Ada Keel, Tom Rudder]
topics: [{named}]  # beside that of the folder in which this file lies
image:  # {{src: ferry.jpg, alt: What the picture shows, credit: "Photograph: Ada Keel"}}
---

Write the article here.
"""


def first_article(now: datetime) -> str:
    """The article that a new newsroom begins with; `now` has the newsroom's offset."""
    return f"""---
title: "Your first article"
date: {now:%Y-%m-%dT%H:%M%z}
standfirst: It is published already, in every feed, in the ticker and on a page of its own. Change it, save it, and look again.
authors: [The newsroom]
---

This file is `{FIRST_ARTICLE}` in the articles folder. Its folder, `news`, is its topic: an article in `sport/` has the topic Sport.

Change these words and save the file: within a second every feed and page has them. Delete the file, and the article is withdrawn.

- `feedsvc new "A title" --topic news` begins another one, as a draft that nobody sees.
- `feedsvc check` says what is wrong with an article, and in which line.
- `site.toml` has the name of your portal, its language and its time zone.
"""


def site_file(timezone: str) -> str:
    """The text of a new newsroom's `site.toml`."""
    return f"""# What the newsroom says of itself; docs/settings.md has every key. A change is taken in when the file is saved.

[site]
title = "My newsroom"
tagline = ""
description = ""
language = "en"
timezone = "{timezone}"
# Where your portal is read, if these pages are not it:
# url = "https://news.example/"

# A topic has a name of its own here; an article makes other topics by itself.
[topics.news]
name = "News"
"""


def _in_quotes(text: str) -> str:
    """A text as YAML takes it, whatever is in it: JSON's strings are YAML's too (1.2, 1.3)."""
    return json.dumps(text, ensure_ascii=False)
