"""Template tags: what makers of sites write between the words for their own programs, and no reader should see. Pure.

Liquid, Jinja, Nunjucks and Hexo (`{% … %}`, `{{ … }}`, `{# … #}`), Hugo and Zola (`{{< … >}}`, `{{% … %}}`), MkDocs (`!!! note`),
Docusaurus and Pandoc (`:::`), kramdown (`{: … }`), and what MDX imports. A few are plain (`shortcodes`); of all others the tag
goes, with a warning, and what stands between a pair of them stays. Code is left as it is, and the text keeps its lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from html import escape

from feedsvc.articles.parsers.excerpt import MARK
from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.articles.parsers.shortcodes import component, put_out, understood
from feedsvc.kinds import Kind

MAX_TOLD = 20  # tags of one article that are named, each in its own warning
# One of these is in whatever the pattern below finds; to look for them takes a hundredth of its time.
_HINTS = ("{", "/>", "!!!", "???", ":::", "[!", "TOC]", "toc]")
_MARKS = re.compile(
    r"\{[{%#:/]|\)\{|[>=]\{|\{[\w.]+\}|^[ \t]*(?:!!!|\?\?\?|:::|\[\[?_?toc)"
    r"|\[![a-z]+\]|^(?:import|export)\s|/>",
    re.MULTILINE | re.IGNORECASE,
)
# A tag and what is code, in which it is none. No inside holds what begins a tag like it, so that each is read once.
_LIQUID = r"\{%(?P<liquid>(?:[^%{]|%(?!\})|\{(?!%))*+)%\}"
_HUGO = r"\{\{(?:<(?P<hugo>(?:[^>{]|>(?!\}\})|\{(?!\{))*+)>|%(?P<hugo_text>(?:[^%{]|%(?!\}\})|\{(?!\{))*+)%)\}\}"
_OUTPUT = r"\{\{\{?(?P<output>[^{}]*+)\}\}\}?"
_OTHER = r"(?P<comment>\{\#(?=[\s-])(?:[^#{]|\#(?!\}))*+\#\})|(?P<attributes>\{:[^{}\n]*+\}"
_OTHER += r"|(?<=\))\{(?:[.#][\w-]+|[\w-]+=[^{}\s]+)[^{}\n]*+\})"
_CLOSED = r"<(?P<closed>iframe|video|audio|object|svg|canvas|textarea|script)\b(?P<given>[^<>]*+(?<=/))>"
# MDX: a component, or an element whose attributes are expressions; and an expression among the words.
_VALUE = r"""(?:[^<>{}"']|"[^"<>]*"|'[^'<>]*'|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\})"""
_COMPONENT = rf"</?(?P<component>[A-Z][\w.]*+|[a-z]\w*+(?=[^<>]*=\{{))(?P<props>{_VALUE}*+)>"
_REMARK = r"(?P<remark>\{/\*(?:[^*]|\*(?!/))*+\*/\})"
_EXPRESSION = r"(?P<expression>\{[A-Za-z_][\w.]*+\})"
_CODE = r"(?P<element><(?:pre|code|script|style|textarea)\b|<!--)"
_MARKDOWN_CODE = r"(?P<fence>^[ \t>]*+(?:[-*+][ ]|[0-9]{1,9}[.)][ ])?[ \t]*+(?:`{3,}(?=[^`\n]*$)|~{3,}))|(?P<span>`++)"
_PIECES = {
    True: re.compile("|".join((_MARKDOWN_CODE, _LIQUID, _HUGO, _OUTPUT, _OTHER, _CLOSED, _CODE)), re.MULTILINE | re.IGNORECASE),
    False: re.compile("|".join((_LIQUID, _HUGO, _OUTPUT, _OTHER, _CODE)), re.MULTILINE | re.IGNORECASE),
}
_MDX_PIECES = re.compile(
    "|".join((_MARKDOWN_CODE, _CODE, f"(?-i:{_COMPONENT})", _LIQUID, _HUGO, _OUTPUT, _OTHER, _CLOSED, _REMARK, _EXPRESSION)),
    re.MULTILINE | re.IGNORECASE,
)
_NAME = re.compile(r"[\s~+-]*+(?P<name>/?[\w./:-]*)(?P<words>.*)", re.DOTALL)
_ESCAPED = re.compile(r"/\*(?P<shown>.*)\*/", re.DOTALL)
_FENCE = re.compile(r"[ \t>]*+(?:[-*+] |[0-9]{1,9}[.)] )?[ \t]*+(?P<ticks>`{3,}(?=[^`]*$)|~{3,})")
_LINE_TAG = re.compile(r"(?P<indent>[ \t]*+)(?P<sort>!!!|\?\?\?\+?|:{3,})[ \t]*+(?P<rest>.*)")
_TITLE = re.compile(r"\"(?P<quoted>[^\"]*)\"|\[(?P<bracketed>[^\]]*)\]")
_MDX = re.compile(r"import\s.*\sfrom\s+['\"].*|import\s+['\"].*|export\s+(?:const|let|default|function)\s.*")
# Where a table of contents goes; and GitHub's and Obsidian's boxes.
_CONTENTS = re.compile(r"\s*(?:\[TOC\]|\[\[_?TOC_?\]\]|(?:[-*+]|1\.) TOC)\s*", re.IGNORECASE)
_ALERT = re.compile(r"(?P<quote>[ \t]*>[ \t]*)\[!(?P<sort>[A-Za-z]+)\][-+]?(?P<title>.*)")
_LISTED = re.compile(r" {0,3}(?:[-*+]|[0-9]{1,9}[.)])[ \t]")
_ID = re.compile(r"#(?P<id>[\w-]+)")
_RAW = frozenset({"raw", "verbatim"})
_SHOWN_AS_CODE = frozenset({"highlight", "codeblock", "code"})


def without_tags(text: str, line: int, path: str, faults: Faults, markdown: bool = True) -> str:
    """A text, which begins in `line` of the file at `path`, with its template tags understood or taken out."""
    mdx = path.lower().endswith(".mdx")  # in which alone a line that imports or exports is a mark
    if not (mdx or any(hint[-1] in text and hint in text for hint in _HINTS)) or not _MARKS.search(text):
        return text
    return _Reader(text, line, mdx, faults, markdown).read()


class _Reader:
    """Goes through a text twice: by its lines, and then by its tags; `out` is what is left of it."""

    def __init__(self, text: str, line: int, mdx: bool, faults: Faults, markdown: bool) -> None:
        self.text = text
        self.line = line
        self.mdx = mdx
        self.faults = faults
        self.markdown = markdown
        self.told = 0
        self.out: list[str] = []
        self._indented: list[int] = []  # where what is code by its indent begins and ends, in turn
        self._open: set[tuple[str, int]] = set()
        self._counted = (0, 0)

    def read(self) -> str:
        if self.markdown:
            self._take_lines()
        position, piece = 0, _MDX_PIECES if self.mdx else _PIECES[self.markdown]
        while found := piece.search(self.text, position):
            self.out.append(self.text[position : found.start()])
            position = self._take(found)
        self.out.append(self.text[position:])
        if self.told > MAX_TOLD:
            self.faults.warn(Kind.TEMPLATE_TAG, self.line, f"{self.told - MAX_TOLD:,} more template tags are taken out")
        return "".join(self.out)

    def _tell(self, line: int, tag: str, becomes: str | None = None) -> None:
        self.told += 1
        if self.told <= MAX_TOLD:
            what = "is taken out" if becomes is None else f"is read as {quoted(becomes)}"
            self.faults.warn(Kind.TEMPLATE_TAG, self.line + line, f"the template tag {quoted(tag)} {what}")

    # ---- by lines

    def _take_lines(self) -> None:
        """Takes out the tags that are a line, and finds what is code because it is indented."""
        kept: list[str] = []
        offset, shift, fence, blank, in_list, in_code, in_program = 0, 0, "", True, False, False, False
        for number, line in enumerate(self.text.split("\n")):
            bare = line.lstrip(" \t")
            if shift and bare and not fence and len(line) - len(bare) < shift:
                shift = 0
            new = line[shift:] if shift and line[:shift].isspace() else line
            indented = bool(bare) and new.startswith(("    ", "\t")) and not fence and not in_list
            code = indented and (blank or in_code)
            if code != in_code and (bare or code):
                self._indented.append(offset)
                in_code = code
            if ticks := None if code else _FENCE.match(line):
                fence = _fence_after(fence, ticks["ticks"], line)
            elif not fence and not code and bare:
                if tag := _LINE_TAG.fullmatch(line):
                    if tag["rest"]:
                        self._tell(number, bare)
                    shift = len(tag["indent"]) + 4 if tag["sort"][0] in "!?" else shift
                    new = _title(tag)
                elif _CONTENTS.fullmatch(line):
                    new = ""
                elif alert := _ALERT.fullmatch(line):
                    new = f"{alert['quote']}**{alert['title'].strip() or alert['sort'].capitalize()}**  "
                elif in_program or (self.mdx and _MDX.fullmatch(line)):
                    if _MDX.fullmatch(line):
                        self._tell(number, line)
                    in_program, new = True, ""
                elif not indented:
                    in_list = bool(_LISTED.match(new)) or (in_list and (not blank or new[0] in " \t"))
            kept.append(new)
            blank = not bare
            in_program = in_program and not blank
            offset += len(new) + 1
        self.text = "\n".join(kept)

    # ---- by tags

    def _take(self, found: re.Match[str]) -> int:
        """Writes what is left of a piece, and gives the position after it."""
        kind = str(found.lastgroup)
        if bisect_right(self._indented, found.start()) % 2:
            return self._keep(found, found.end())
        if kind in ("fence", "span", "element"):
            return self._keep(found, self._end_of_code(kind, found))
        if kind in ("given", "closed"):
            self.out.append(f"<{found['closed']}{found['given'][:-1]}></{found['closed']}>")
        elif kind == "comment":
            pass
        elif kind == "attributes":
            self._take_attributes(found["attributes"])
        elif kind in ("component", "props"):
            self.out.append(component(found["component"], found["props"], found[0].startswith("</")))
        elif kind == "remark":
            mark = f"<!--{found['remark'][3:-3]}-->"
            self.out.append(mark if MARK.fullmatch(mark) else "")
        elif kind == "expression":
            self._put(found, None, told=False)
        elif kind == "output":
            self._put(found, put_out(found["output"]), told=True)
        else:
            return self._take_tag(found, found[kind])
        self._keep_lines(found[0])
        return found.end()

    def _take_tag(self, found: re.Match[str], inside: str) -> int:
        if escaped := _ESCAPED.fullmatch(inside.strip()):
            self.out.append(escape(f"{found[0][:3]}{escaped['shown']}{found[0][-3:]}", quote=False))
            return found.end()
        tag = _NAME.fullmatch(inside.rstrip("/-+~ \n\t"))
        name, words = (tag["name"].lower(), tag["words"]) if tag else ("", "")
        if name in _RAW or name == "comment" or name in _SHOWN_AS_CODE:
            end = self._end_of_pair(name, found.end())
            if end is not None:
                content = self.text[found.end() : end.start()]
                if name in _RAW:
                    self.out.append(content)
                elif name in _SHOWN_AS_CODE:
                    self.out.append(f"<pre><code>{escape(content.strip(chr(10)), quote=False)}</code></pre>")
                else:
                    self._keep_lines(content)
                self._keep_lines(found[0])
                return end.end()
        self._put(found, understood(name, words), told=False, silent=name.startswith(("/", "end")))
        self._keep_lines(found[0])
        return found.end()

    def _put(self, found: re.Match[str], becomes: str | None, told: bool, silent: bool = False) -> None:
        """Writes what a tag means, or says that it goes."""
        if becomes == "" and not self.text.startswith("/", found.end()):
            becomes = "/"
        if (becomes is None or told) and not silent:
            begin, lines = self._counted
            self._counted = found.start(), lines + self.text.count("\n", begin, found.start())
            self._tell(self._counted[1], found[0], becomes)
        self.out.append(becomes or "")

    def _keep(self, found: re.Match[str], end: int) -> int:
        self.out.append(self.text[found.start() : end])
        return end

    def _keep_lines(self, gone: str) -> None:
        self.out.append("\n" * gone.count("\n"))

    def _take_attributes(self, written: str) -> None:
        """An attribute list of kramdown: the id of the heading before it is kept."""
        before = "".join(self.out[-2:]).rstrip("\n")
        if (id := _ID.search(written)) and before.rpartition("\n")[2].startswith("#"):
            self.out[-1] = f"{self.out[-1].rstrip()} {{#{id['id']}}}"

    def _end_of_code(self, kind: str, found: re.Match[str]) -> int:
        """Where code ends that begins here; right behind its beginning where it doesn't."""
        text, start = self.text, found.end()
        if kind == "fence":
            ticks = found[0].strip(" \t>-*+0123456789.)")
            closing = re.compile(rf"^[ \t>]*+{ticks[0]}{{{len(ticks)},}}[ \t]*$", re.MULTILINE)
            end = self._next(closing, ("fence" + ticks[0], len(ticks)), start)
            return end.end() if end else len(text)
        if kind == "span":
            paragraph = text.find("\n\n", start)
            paragraph = len(text) if paragraph < 0 else paragraph
            length = len(found[0])
            if (f"span{length}", paragraph) in self._open:
                return start
            end = re.compile(rf"(?<!`)`{{{length}}}(?!`)").search(text, start, paragraph)
            if end is None:
                self._open.add((f"span{length}", paragraph))
            return end.end() if end else start
        name = found["element"].lstrip("<").lower()
        end = self._next(re.compile("-->" if name == "!--" else rf"</{name}\s*>", re.IGNORECASE), (name, 0), start)
        return end.end() if end else start

    def _end_of_pair(self, name: str, start: int) -> re.Match[str] | None:
        pattern = rf"\{{%[\s~+-]*end{name}[\s~+-]*%\}}|\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}"
        return self._next(re.compile(pattern, re.IGNORECASE), (f"end{name}", 0), start)

    def _next(self, pattern: re.Pattern[str], key: tuple[str, int], start: int) -> re.Match[str] | None:
        """The next place where a pattern is found, which is looked for no more once there was none."""
        if key in self._open:
            return None
        end = pattern.search(self.text, start)
        if end is None:
            self._open.add(key)
        return end


def _fence_after(fence: str, ticks: str, line: str) -> str:
    """The fence of code that is open after a line that has one."""
    if not fence:
        return ticks
    closes = ticks[0] == fence[0] and len(ticks) >= len(fence) and not line.strip(" \t>" + ticks[0])
    return "" if closes else fence


def _title(tag: re.Match[str]) -> str:
    """What is left of a line that opens a box: its title."""
    rest = tag["rest"].strip()
    if found := _TITLE.search(rest):
        title = found["quoted"] if found["quoted"] is not None else found["bracketed"]
    else:
        kind, _, title = rest.partition(" ")
        title = "" if tag["sort"][0] in "!?" or kind.startswith("{") or title.lstrip().startswith("{") else title.strip(" :")
    return f"{tag['indent']}**{title.strip()}**" if title.strip() else ""
