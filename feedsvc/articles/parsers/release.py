"""When an article is public: whether it is held back, and the dates at which it comes out, was changed, and expires. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from feedsvc.articles.parsers import synonyms
from feedsvc.articles.parsers.checks import NO, Checks, Key, is_empty, typed
from feedsvc.articles.parsers.faults import quoted
from feedsvc.articles.parsers.frontmatter import Value
from feedsvc.articles.parsers.names import among_drafts, day_in, day_of
from feedsvc.kinds import Kind

DATES = ("date", "expires", "updated")
_PUBLIC = frozenset({"published", "publish", "public", "live"})
_HELD = frozenset(
    {
        *("draft", "pending", "private", "hidden", "unlisted", "unpublished", "internal", "review", "in review", "wip"),
        *("members", "paid", "subscribers", "tiers", "password"),
    }
)
_NEVER = NO | {"never"}


def held_back(keys: Sequence[Key], checks: Checks) -> bool:
    """Whether an article is a draft; keys that contradict each other are refused, for one of them would let it out."""
    said: dict[bool, Key] = {}
    hidden = among_drafts(checks.path)
    for key in keys:
        name = key.name.lower()
        if name in synonyms.HIDDEN:
            hidden = hidden or not (is_empty(key.value) or typed(key.value) in NO)
        elif name == "permalink":
            hidden = True
        elif name in synonyms.STAGE:
            hidden = hidden or typed(key.value) in _HELD
        elif name in synonyms.BUILD:
            table = key.value.content if isinstance(key.value.content, Mapping) else {}
            hidden = hidden or any(typed(table[part]) in _NEVER for part in ("render", "list") if part in table)
        elif not is_empty(key.value) and (held := _holds(key, checks)) is not None:
            said.setdefault(held, key)
    if len(said) == 2:
        checks.contradict(*said.values())
    return hidden or True in said


def _holds(key: Key, checks: Checks) -> bool | None:
    """Whether a key holds the article back, None where its value is refused."""
    name = key.name.lower()
    if name not in synonyms.STATUS:
        said = checks.flag(*key)
        return not said if said is not None and name in synonyms.PUBLISHED else said
    if (text := checks.text(*key)) is None:
        return None
    if text.lower() not in _PUBLIC | {"draft"}:
        reason = f'{key.name} {quoted(text)} is not "published", so the article is a draft'
        checks.faults.warn(Kind.HELD_BACK, key.value.line, reason)
    return text.lower() not in _PUBLIC


def dates(written: Mapping[str, Sequence[Key]], checks: Checks) -> dict[str, Any]:
    """The fields that say when an article comes out, was changed, and expires."""
    fields: dict[str, Any] = {}
    for field in DATES:
        if field not in written:
            continue
        found = [(key, moment) for key in written[field] if (moment := _moment(key, checks)) is not None]
        if field == "date" and any(key.name.lower() not in synonyms.WHEN_MADE for key, _ in found):
            found = [(key, moment) for key, moment in found if key.name.lower() not in synonyms.WHEN_MADE]
        if found:
            # What was changed several times was last changed at the last of them.
            fields[field] = max(moment for _, moment in found) if field == "updated" else _agreed(found, checks)
    is_dated = any(not is_empty(key.value) for key in written.get("date", ()))
    if not is_dated and (day := _day(written.get("slug", ()), checks)):
        fields["day"] = day
    begin = fields.get("date") or fields.get("day")
    if begin and "expires" in fields and fields["expires"] <= begin:
        checks.faults.refuse(written["expires"][0].value.line, "expires is not after date")
    return fields


def _day(addresses: Sequence[Key], checks: Checks) -> datetime | None:
    """The day that the file's name gives, its folders, or the address that the article has elsewhere."""
    zone = checks.addresses.site.zone
    days = (day_in(typed(key.value), zone) for key in addresses)
    return day_of(checks.path, zone) or next((day for day in days if day), None)


def _moment(key: Key, checks: Checks) -> datetime | None:
    return None if is_empty(key.value) else checks.date(*key)


def _agreed(found: Sequence[tuple[Key, datetime]], checks: Checks) -> datetime:
    """The moment on which all keys agree; one that gives the day alone agrees with another that gives its time too."""
    exact = [one for one in found if ":" in typed(one[0].value)] or found
    zone = checks.addresses.site.zone
    first, moment = exact[0]
    for key, other in found:
        if other != moment and ((key, other) in exact or other.astimezone(zone).date() != moment.astimezone(zone).date()):
            checks.contradict(first, key)
    return moment


def looks_like_a_date(value: Value) -> bool:
    """Whether a value that may be true, false or a date is meant as a date."""
    return len(typed(value)) > 1 and any(char.isdigit() for char in typed(value))
