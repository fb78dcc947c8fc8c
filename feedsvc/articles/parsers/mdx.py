"""Articles in MDX, Docusaurus' Markdown with components: programs are taken out, and tags are judged as HTML. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.markdown import read_markdown
from feedsvc.articles.parsers.parts import Parts
from feedsvc.model.site import Site

_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_PROGRAM = re.compile(r"(?:import|export)\s")
_REMARK = re.compile(r"\{/\*.*?\*/\}")


def read_mdx(text: str, line: int, front: Mapping[str, Any], site: Site, faults: Faults) -> Parts:
    """An article's parts from MDX: `import` and `export` statements and remarks are left out, and their lines stay empty."""
    kept: list[str] = []
    fence, in_program, after_empty = "", False, True
    for one in text.split("\n"):
        found = _FENCE.match(one)
        if fence:
            fence = "" if found and found[1].startswith(fence) else fence
        elif found:
            fence = found[1]
        else:
            in_program = bool(one.strip()) and (in_program or (after_empty and _PROGRAM.match(one) is not None))
            one = "" if in_program else _REMARK.sub("", one)
        after_empty = not one.strip()
        kept.append(one)
    return read_markdown("\n".join(kept), line, front, site, faults)
