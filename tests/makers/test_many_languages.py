"""An article in 200 languages, and files that are renamed and edited in one step, as a `git pull` leaves them."""

from __future__ import annotations

import pytest

from feedsvc.kinds import Kind
from support.live import Newsroom

# Codes of ISO 639-1, each alone and with a country.
CODES = """
    af am ar az be bg bn bo br bs ca co cs cy da de dv el eo es et fa ff fi fo fr fy ga gd gl gu gv ha he hi hr ht hu hy id ig is ja
    jv ka kk kl km kn ko ku kw ky la lb lg ln lo lt lv mg mi mk ml mn mr ms mt my nb nd ne nl nn no om pa pl ps pt qu rm rn ro ru rw
    sa sc sd se sg si sk sl sm sn so sq sr ss su sv sw ta te tg th ti tk
"""
ALONE = CODES.split()
LANGUAGES = [*ALONE, *(f"{code}-CH" for code in ALONE)][:200]


@pytest.mark.parametrize("place", ["fares.{}.md", "{}/fares.md", "{}/harbour/fares.md", "fares/index.{}.md"])
def test_an_article_in_200_languages(newsroom: Newsroom, place: str) -> None:
    assert len(set(LANGUAGES)) == 200
    newsroom.write("site.toml", '[site]\ntitle = "Gazette"\nlanguage = "en-GB"\nentries_per_feed = 200\n')
    for number, language in enumerate(LANGUAGES):
        file = newsroom.articles / place.format(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\ntitle: Fares {number}\ndate: 2026-05-04T09:00:00Z\n---\nWords {number}.\n", "utf-8")
    newsroom.build()
    assert [fault for fault, _ in newsroom.store.faults() if fault.kind != Kind.NO_TOPIC] == []
    items = newsroom.client().get("/feeds/all.json").json["items"]
    assert {item["title"]: item["language"] for item in items} == {f"Fares {at}": tag for at, tag in enumerate(LANGUAGES)}
    assert {tag for item in items for tag in item.get("tags", [])} <= {"Harbour"}
    assert len({item["url"] for item in items}) == 200


@pytest.mark.parametrize(
    ("before", "after", "moved", "same"),
    [
        ("harbour/fares.md", "harbour/2026-05-04-fares.md", {}, True),
        ("harbour/fares.md", "town/fares/index.md", {}, True),
        ("fares.md", "fares-rise.markdown", {}, True),
        ("fares.md", "boats.md", {"title": "Boats late"}, False),
        ("fares.md", "boats.md", {"date": "2026-05-05T09:00:00Z"}, False),
    ],
)
def test_a_rename_with_an_edit_keeps_the_id_where_title_and_date_stay(
    newsroom: Newsroom, before: str, after: str, moved: dict[str, str], same: bool
) -> None:
    keys = {"title": "Fares rise", "date": "2026-05-04T09:00:00Z"}

    def ids() -> list[str]:
        newsroom.build()
        return [item["id"] for item in newsroom.client().get("/feeds/all.json").json["items"]]

    newsroom.write("other.md", title="Other", date="2026-05-01T09:00:00Z", body="Other words.")
    newsroom.write(before, **keys, body="A pound more from June.")
    first = ids()
    (newsroom.articles / before).unlink()
    newsroom.write(after, **{**keys, **moved}, body="Two pounds more from July, said the port, and none of the words stayed.")
    assert (ids() == first) is same
