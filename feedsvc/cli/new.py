"""`feedsvc new`: the file of a new article."""

from __future__ import annotations

import sys
from typing import Any

import click

from feedsvc.cli.options import options
from feedsvc.errors import UsageError
from feedsvc.settings import Settings


@click.command()
@options("articles")
@click.option("--topic", metavar="T", help="The topic, which is also the folder that the file is written to.")
@click.argument("title")
def new(title: str, topic: str | None, **given: Any) -> None:
    """Write a new article with this title, as a draft with the keys that matter, and print its path; nothing is overwritten."""
    from feedsvc.articles.folder import ArticlesFolder
    from feedsvc.articles.new_file import write_new
    from feedsvc.articles.parsers import SUFFIXES
    from feedsvc.articles.site_file import site_in
    from feedsvc.articles.starters import new_article
    from feedsvc.builder.topic_names import near_miss
    from feedsvc.model.article import MAX_TEXT
    from feedsvc.model.site import RESERVED
    from feedsvc.model.slugs import slugify
    from feedsvc.text import one_line

    settings = Settings(**given)
    articles = ArticlesFolder(settings.articles, SUFFIXES)
    articles.check()
    written = one_line(title)
    if not written or len(written) > MAX_TEXT:
        raise UsageError(f"a title has 1 to {MAX_TEXT:,} characters")
    folder, topics = "", list[str]()
    if topic is not None:
        site, slug = site_in(articles), slugify(topic)
        known = site.topic(slug)
        if not slug or slug in RESERVED:
            raise UsageError(f'"{topic}" is no name of a topic')
        near = near_miss(slug, {one.slug: one.name for one in site.topics}) if known is None else None
        if known is None and not site.new_topics:
            raise UsageError(f'site.toml has no topic "{topic}"; it has {", ".join(one.slug for one in site.topics)}')
        if near:
            click.echo(f'the topic "{topic}" is new, and nearly called "{near}"; did you mean that?', err=True)
        slug = known.slug if known else slug
        # Folders of digits and of languages are no topics.
        folder, topics = (slug, []) if _is_topic(slug, settings) else ("", [one_line(topic)])
    path = f"{folder}/{slugify(written) or 'article'}.md".lstrip("/")
    if not write_new(settings.articles, path, new_article(written, topics)):
        click.echo(f"{settings.articles}/{path} is there already, and stays as it is", err=True)
        sys.exit(1)
    click.echo(f"{settings.articles}/{path}")


def _is_topic(folder: str, settings: Settings) -> bool:
    """Whether an article in a folder has the topic of its name."""
    from feedsvc.articles.folder import ArticlesFolder
    from feedsvc.articles.parsers import SUFFIXES
    from feedsvc.articles.parsers.names import Name
    from feedsvc.articles.site_file import site_in

    return Name(f"{folder}/article.md", site_in(ArticlesFolder(settings.articles, SUFFIXES))).topic == folder
