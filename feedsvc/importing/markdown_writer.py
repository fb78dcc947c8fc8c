"""`Article` → the Markdown file that is parsed as the same article. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import yaml

from feedsvc.articles.parsers.checks import without_markup
from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.frontmatter import MAX_FRONT_MATTER
from feedsvc.articles.parsers.markdown import read_markdown
from feedsvc.articles.parsers.template_tags import without_tags
from feedsvc.model.article import Article, ArticleKind, Image, Recording
from feedsvc.model.media_types import type_of
from feedsvc.model.site import Site
from feedsvc.model.slugs import slug_from_file

_PARAGRAPH = re.compile(r"<p>([^<]*)</p>")
_BLANK_LINE = re.compile(r"(?<=\n)([ \t]*)\n")
# What may be markup in Markdown, including what becomes typographic quotes, dashes and ellipses.
_MARK = re.compile(r"""[\\`*_\[\]<>&~"'#|]|(?<=[-.])[-.]|^[-+]|(?<=^\d)[.)]|:(?=//)""")
# What a template tag begins with, or an admonition, or a table of contents.
_TAG = re.compile(r"\{|^([ \t]*)([:!?\[])", re.MULTILINE)
_SPECIAL = re.compile(r"[*_`~\[{]")
_MINUTE = timedelta(minutes=1)


class _Dumper(yaml.SafeDumper):
    """Writes the front matter's values as people do, without anchors, which the parser refuses."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _date(dumper: yaml.SafeDumper, moment: datetime) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", moment.isoformat())


_Dumper.add_representer(str, _text)
_Dumper.add_representer(datetime, _date)


def written(article: Article, file: str, zone: ZoneInfo) -> str:
    """The text of a file of this name (without folders) for an article; dates are written in `zone`."""
    front = _front(article, file, zone)
    known = {key: value for key, value in front.items() if value not in (None, "", False, [], {})}
    yaml_text = yaml.dump(known, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=MAX_FRONT_MATTER)
    return f"---\n{yaml_text}---\n{_body(article.body)}\n"


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment as it is written in a zone; in UTC if the zone's offset was not in whole minutes then (ISO 8601 can't write it)."""
    shown = moment.astimezone(zone)
    return moment.astimezone(UTC) if (shown.utcoffset() or timedelta()) % _MINUTE else shown


def _front(article: Article, file: str, zone: ZoneInfo) -> Mapping[str, Any]:
    """The front matter in the order in which docs/articles.md lists the keys."""

    def shown(moment: datetime | None) -> datetime | None:
        return local(moment, zone) if moment else None

    return {
        "title": as_written(article.title),
        "id": article.id,
        "slug": article.slug if article.slug != slug_from_file(file) else None,
        "date": shown(article.date),
        "updated": shown(article.updated),
        "expires": shown(article.expires),
        "draft": article.draft,
        "authors": [_author(name, url) for name, url in article.credits],
        "topics": [as_written(text) for text in article.topics],
        "tags": [as_written(text) for text in article.tags],
        "story": as_written(article.story or ""),
        "standfirst": as_written(article.standfirst),
        "key_points": [as_written(text) for text in article.key_points],
        "why_it_matters": as_written(article.why_it_matters),
        "what_it_means": as_written(article.what_it_means),
        "link": article.link,
        "image": _picture(article.image) if article.image else None,
        "audio": _recording(article.audio) if article.audio else None,
        "video": _recording(article.video) if article.video else None,
        "lead": article.lead,
        "breaking": shown(article.breaking_until) or article.breaking,
        "claim": str(article.claim) if article.claim else None,
        "kind": str(article.kind) if article.kind is not ArticleKind.NEWS else None,
        "corrections": [{"date": shown(one.date), "text": as_written(one.text)} for one in article.corrections],
        "retracted": as_written(article.retracted or ""),
        "language": article.language,
        "aliases": [unquote(alias) for alias in article.aliases],
    }


def _author(name: str, url: str | None) -> str | Mapping[str, str]:
    return {"name": as_written(name), "url": url} if url else as_written(name)


def _picture(image: Image) -> Mapping[str, str]:
    texts = (("src", image.src), *((name, as_written(getattr(image, name))) for name in ("alt", "caption", "credit")))
    return {key: text for key, text in texts if text}


def _recording(one: Recording) -> str | Mapping[str, Any]:
    parts = {
        "src": one.src,
        "type": one.type if one.type != type_of(one.src) else None,
        "length": one.length,
        "duration": one.duration,
        "title": as_written(one.title),
        "captions": one.captions.src if one.captions else None,
        "transcript": one.transcript.src if one.transcript else None,
        "poster": _picture(one.poster) if one.poster else None,
        "episode": one.episode,
        "season": one.season,
        "episode_type": one.episode_type,
        "explicit": one.explicit,
    }
    known = {key: value for key, value in parts.items() if value not in (None, "")}
    return known if len(known) > 1 else one.src


def as_written(text: str) -> str:
    """A text as the front matter must have it, so that it reads as it is: what looks like markup is escaped."""
    if without_markup(text) == text and "{{" not in text and "{%" not in text:
        return text
    return _SPECIAL.sub(lambda sign: f"&#{ord(sign[0])};", text.replace("&", "&amp;").replace("<", "&lt;"))


def _body(html: str) -> str:
    """A body as Markdown: paragraphs as people write them, and everything else as HTML, which Markdown keeps."""
    lines = html.split("\n")
    if all(_PARAGRAPH.fullmatch(line) for line in lines):
        return "\n\n".join(_paragraph(line) for line in lines)
    # One block of HTML: <body> opens it, and only an empty line ends it (CommonMark 0.29, 4.6, condition 6); the sanitiser
    # drops <body> itself. So the empty lines in a <pre> are written as references.
    block = _BLANK_LINE.sub(r"\1&#10;", html if _has_no_tags(html) else _without_tags(html))
    return f"<body>\n{block}\n</body>"


def _paragraph(line: str) -> str:
    """A paragraph as plain text, with backslashes or references if needed, if Markdown makes the same of it; otherwise as HTML."""
    text = unescape(line[len("<p>") : -len("</p>")])
    escaped = _MARK.sub(r"\\\g<0>", text)
    for tried in (text, escaped, _without_tags(escaped)):
        if _has_no_tags(tried) and read_markdown(tried, 1, {}, Site(), Faults("")).html == f"{line}\n":
            return tried
    return _without_tags(line)  # no backslash keeps an e-mail address from becoming a link


def _has_no_tags(text: str) -> bool:
    return without_tags(text, 1, "", Faults("")) == text


def _without_tags(text: str) -> str:
    """The same in Markdown and in HTML, with references in place of what would be taken out as a template tag."""
    return _TAG.sub(lambda mark: f"{mark[1] or ''}&#{ord(mark[0][-1])};", text)
