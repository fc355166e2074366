"""A small HTML sanitizer: what rich text fields keep of the markup they are given (scenario read-scalars).

Scripts, handlers and unknown tags go; loose text becomes a paragraph, several loose inline tags a span, as the
HTML parser behind a real server makes of them.
"""

from __future__ import annotations

from html import escape, unescape
from html.parser import HTMLParser

__all__ = ["sanitize"]

KILLED = frozenset(
    [
        "base",
        "embed",
        "frame",
        "head",
        "iframe",
        "link",
        "meta",
        "noscript",
        "object",
        "script",
        "style",
        "title",
        "applet",
    ]
)
UNWRAPPED = frozenset({"html", "body"})
VOID = frozenset(["br", "hr", "img", "input", "area", "col", "wbr", "source", "track"])
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "isindex",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "br",
        "button",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "legend",
        "map",
        "area",
        "mark",
        "meter",
        "optgroup",
        "option",
        "output",
        "progress",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "select",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "t",
        "textarea",
        "time",
        "tt",
        "u",
        "var",
        "video",
        "audio",
        "source",
        "track",
        "wbr",
        "picture",
    ]
)
ATTRIBUTES = frozenset(
    [
        "abbr",
        "accept",
        "accept-charset",
        "accesskey",
        "action",
        "align",
        "alt",
        "axis",
        "bgcolor",
        "border",
        "cellpadding",
        "cellspacing",
        "char",
        "charoff",
        "charset",
        "checked",
        "cite",
        "class",
        "clear",
        "color",
        "cols",
        "colspan",
        "compact",
        "coords",
        "datetime",
        "dir",
        "disabled",
        "enctype",
        "for",
        "frame",
        "headers",
        "height",
        "href",
        "hreflang",
        "hspace",
        "id",
        "ismap",
        "label",
        "lang",
        "longdesc",
        "maxlength",
        "media",
        "method",
        "multiple",
        "name",
        "nohref",
        "noshade",
        "nowrap",
        "prompt",
        "readonly",
        "rel",
        "rev",
        "role",
        "rows",
        "rowspan",
        "rules",
        "scope",
        "selected",
        "shape",
        "size",
        "span",
        "src",
        "start",
        "style",
        "summary",
        "tabindex",
        "target",
        "title",
        "type",
        "usemap",
        "valign",
        "value",
        "vspace",
        "width",
    ]
)
LINKS = frozenset({"href", "src", "action", "cite"})


class _Cleaner(HTMLParser):
    """Copies the markup without what could run; notes what stands at the top."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.skipped: list[str] = []
        self.open: list[str] = []
        self.paragraph = False
        self.tops = 0
        self.blocks = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in KILLED:
            if tag not in {"base", "link", "meta", "embed"}:
                self.skipped.append(tag)
            return
        if self.skipped or (tag not in BLOCKS and tag not in INLINE):
            return
        if tag in BLOCKS:
            self._end_paragraph()
            self.blocks = True
        if not self.open:
            self.tops += 1
        kept = "".join(f' {name}="{escape(value, quote=True)}"' for name, value in _kept(attrs))
        self.parts.append(f"<{tag}{kept}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.skipped:
            if self.skipped[-1] == tag:
                self.skipped.pop()
            return
        if tag not in self.open:
            return
        while self.open:
            last = self.open.pop()
            self.parts.append(f"</{last}>")
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.skipped:
            return
        if not self.open and data.strip():
            if not self.tops:
                self.parts.append("<p>")
                self.open.append("p")
                self.paragraph = self.blocks = True
            self.tops += 1
        self.parts.append(escape(data, quote=False))

    def _end_paragraph(self) -> None:
        """Close the paragraph that loose text at the beginning opened."""
        if self.paragraph:
            self.paragraph = False
            while self.open:
                self.parts.append(f"</{self.open.pop()}>")

    def result(self) -> str:
        """The cleaned markup with everything closed."""
        text = "".join(self.parts) + "".join(f"</{tag}>" for tag in reversed(self.open))
        return f"<span>{text}</span>" if self.tops > 1 and not self.blocks else text


def _kept(attrs: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    found = []
    for name, value in attrs:
        if name not in ATTRIBUTES and not name.startswith("data-"):
            continue
        text = value or ""
        if name in LINKS and "".join(unescape(text).split()).lower().startswith(("javascript:", "vbscript:")):
            text = ""
        found.append((name, text))
    return found


def sanitize(source: str) -> str:
    """Markup without scripts, handlers, script links and unknown tags; loose text in a paragraph."""
    if not source:
        return source
    cleaner = _Cleaner()
    cleaner.feed(source)
    cleaner.close()
    return cleaner.result()
