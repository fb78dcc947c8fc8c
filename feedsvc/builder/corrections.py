"""What was put right in an article, for the page of corrections. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from collections.abc import Iterator

from feedsvc.formats.corrections_page import PutRight
from feedsvc.model.article import Article
from feedsvc.model.record import Record, State
from feedsvc.model.urls import Urls, article_path


def put_right(record: Record, article: Article, urls: Urls) -> Iterator[PutRight]:
    """Why an article was retracted, or each of its corrections."""
    if record.state is State.RETRACTED:
        notice = urls.url(article_path(record.last_seen.slug))
        yield PutRight(article, notice, record.since, article.retracted or "", is_retraction=True)
        return
    for correction in article.corrections:
        yield PutRight(article, urls.of(record), correction.date, correction.text, is_retraction=False)
