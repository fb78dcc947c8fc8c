"""Asks for previews, as the newsroom and as somebody with a link, and takes out of one the page that will be published."""

from __future__ import annotations

import base64
import re
from html import unescape

from werkzeug.test import Client, TestResponse

from feedsvc.model.preview_link import PreviewLink
from feedsvc.settings import Settings
from feedsvc.status.token import StatusToken
from support.live import Newsroom

_ADDED = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'<meta name="robots" content="noindex, nofollow">\n.*?</style>\n(?=</head>)',
        r'\n<aside class="pv-bar".*?</section>\n',
        r'<section class="pv-beside".*</script>\n(?=</body>)',
    )
)


class Desk:
    """The newsroom's side of previews: its token, and the links that it gives away."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.client: Client = newsroom.client()

    @property
    def token(self) -> str:
        return StatusToken(Settings(database=self.newsroom.database)).read()

    def get(self, path: str, **headers: str) -> TestResponse:
        """An answer to the newsroom."""
        login = base64.b64encode(f"desk:{self.token}".encode()).decode()
        return self.client.get(path, headers={"Authorization": f"Basic {login}", **headers})

    def link(self, slug: str, of: str | None = None, hours: float = 24) -> str:
        """Path and query of a signed link."""
        if of is None:
            found = self.newsroom.store.article_called(slug)
            assert found
            of = found[0].id
        return PreviewLink.made(slug, of, self.newsroom.now, hours).path(self.token)


def page_in(preview: str) -> str:
    """The page that a preview shows, without what it adds."""
    for added in _ADDED:
        preview, number = added.subn("", preview)
        assert number == 1, added.pattern
    return preview


def shown_in(preview: str, what: str) -> str:
    """A source that a preview shows."""
    found = re.search(rf'aria-label="The \w+ as {what}" dir="ltr"><code>(.*?)</code>', preview, re.DOTALL)
    assert found
    return unescape(found[1])
