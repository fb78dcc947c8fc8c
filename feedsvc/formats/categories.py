"""An entry's categories: its topics, its tags, and its status as news (breaking, claim, retracted). Pure."""

from __future__ import annotations

from feedsvc.model.article import ArticleKind
from feedsvc.model.edition import Entry
from feedsvc.model.site import Topic
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls

Category = dict[str, str]


def of_topic(topic: Topic, addresses: Urls) -> Category:
    """A topic as a category; the scheme is this service's home page, which lists the topics."""
    return {"term": topic.slug, "label": topic.name, "scheme": addresses.topic("all")}


def of_entry(entry: Entry, addresses: Urls) -> list[Category]:
    """An entry's topics and tags; then, under schemes of their own, `breaking`, its claim and `retracted`, if they apply, and what
    it is if that is not news."""
    article = entry.article
    marks = ["breaking"] * entry.breaking + [str(article.claim)] * (article.claim is not None)
    kinds = [str(article.kind)] * (article.kind is not ArticleKind.NEWS)
    marks += ["retracted"] * (article.retracted is not None)
    scheme = addresses.topic("all") + "#status"
    return [
        *(of_topic(topic, addresses) for topic in entry.topics),
        *({"term": tag, "label": tag} for tag in tags(entry)),
        *({"term": mark, "label": mark.capitalize(), "scheme": scheme} for mark in marks),
        *({"term": kind, "label": kind.capitalize(), "scheme": addresses.topic("all") + "#kind"} for kind in kinds),
    ]


def tags(entry: Entry) -> list[str]:
    """An entry's tags that are no topics of it."""
    named = {name.casefold() for topic in entry.topics for name in (topic.name, topic.slug)}
    return [tag for tag in entry.article.tags if tag.casefold() not in named and slugify(tag) not in named]
