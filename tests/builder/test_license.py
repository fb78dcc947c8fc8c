"""The portal's licence, for programs: in feeds, their Link headers, and pages of what all may have."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from support.live import Newsroom

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
NAMESPACE = "{http://backend.userland.com/creativeCommonsRssModule}license"


def test_the_licence_is_where_each_format_has_it(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.write("site.toml", f'[site]\nlicense = "{LICENSE}"\npartners = ["msn"]\n[feeds.ferry]\n')
    newsroom.write("match.md", topics=["sport"])
    newsroom.write("wire.md", topics=["sport"], syndicate=False)
    newsroom.build()
    client = newsroom.client()
    for name in ("feeds/all", "feeds/sport", "feeds/ferry", "partners/msn/sport", "feeds/all/2026-05"):
        answer = client.get(f"/{name}.rss")
        assert etree.fromstring(answer.data).findtext(f"channel/{NAMESPACE}") == LICENSE, name
        assert f'<{LICENSE}>; rel="license"' in answer.headers["Link"]
    atom = etree.fromstring(client.get("/feeds/sport.atom").data)
    assert [link.get("href") for link in atom.iterfind("{*}link[@rel='license']")] == [LICENSE]
    for path in ("/feeds/sport.json", "/headlines.json"):
        assert f'<{LICENSE}>; rel="license"' in client.get(path).headers["Link"]
    assert LICENSE in client.get("/articles/match").text and LICENSE not in client.get("/articles/wire").text
    newsroom.close()
