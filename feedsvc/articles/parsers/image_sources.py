"""Where a page says that a picture is: in `src`, in `srcset`, or in what its script puts there later. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

LAZY = ("data-src", "data-lazy-src", "data-original", "data-orig-file", "data-url")
LAZY_SETS = ("data-srcset", "data-lazy-srcset")
SOURCES = frozenset((*LAZY, *LAZY_SETS, "srcset"))
# One picture of a set with its width or density (WHATWG HTML, 4.8.4.2.1).
_CANDIDATE = re.compile(r"[\s,]*+(?P<url>\S*[^\s,])(?:,|\s++(?P<size>[0-9.]{1,10})[wx]\s*+(?:,|\Z)|\s*+(?:,|\Z))")


def sources(attributes: Mapping[str, str]) -> Iterator[str]:
    """The addresses at which a picture may be, the likeliest first: what a script would put there comes before a placeholder."""
    yield from (attributes[key] for key in LAZY if attributes.get(key))
    yield from (best for key in LAZY_SETS if (best := largest(attributes.get(key, ""))))
    if (src := attributes.get("src", "")) and not src.lstrip().lower().startswith("data:"):
        yield src
    if best := largest(attributes.get("srcset", "")):
        yield best


def largest(written: str) -> str | None:
    """The largest picture of a set."""
    found = [(float(match["size"]) if _is_number(match["size"]) else 1.0, match["url"]) for match in _CANDIDATE.finditer(written)]
    found = [(size, url) for size, url in found if not url.lower().startswith("data:")]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _is_number(written: str | None) -> bool:
    return written is not None and written.count(".") <= 1 and written.strip(".") != ""
