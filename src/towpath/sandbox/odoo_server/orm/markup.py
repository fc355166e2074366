"""A small HTML sanitizer: what rich text fields keep of the markup they are given (scenario read-scalars)."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

__all__ = ["sanitize"]

DROPPED = frozenset(
    {"script", "style", "iframe", "object", "embed", "applet", "frame", "frameset", "form", "title"}
)
VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr"})
GONE = frozenset({"meta", "link", "base", "html", "head", "body"})
BLOCKS = (
    "<p",
    "<div",
    "<ul",
    "<ol",
    "<h1",
    "<h2",
    "<h3",
    "<h4",
    "<h5",
    "<table",
    "<blockquote",
    "<pre",
    "<section",
)


class _Cleaner(HTMLParser):
    """Copies the markup without what could run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.skipped = 0
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self.skipped += 1
        if self.skipped or tag in GONE:
            return
        kept = []
        for name, value in attrs:
            if name.startswith("on") or name in {"formaction", "srcdoc"}:
                continue
            text = value or ""
            if name in {"href", "src", "action"} and "".join(text.split()).lower().startswith(
                ("javascript:", "vbscript:")
            ):
                text = ""
            kept.append(f' {name}="{escape(text, quote=True)}"')
        self.parts.append(f"<{tag}{''.join(kept)}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in DROPPED:
            self.skipped = max(0, self.skipped - 1)
        elif tag not in VOID and self.open and self.open[-1] == tag:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED:
            self.skipped = max(0, self.skipped - 1)
            return
        if self.skipped or tag not in self.open:
            return
        while self.open:
            last = self.open.pop()
            self.parts.append(f"</{last}>")
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.parts.append(escape(data, quote=False))

    def handle_entityref(self, name: str) -> None:
        if not self.skipped:
            self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        if not self.skipped:
            self.parts.append(f"&#{name};")

    def result(self) -> str:
        """The cleaned markup with everything closed."""
        return "".join(self.parts) + "".join(f"</{tag}>" for tag in reversed(self.open))


def sanitize(source: str) -> str:
    """Markup without scripts, handlers and script links; a text without any block becomes a paragraph."""
    if not source:
        return source
    cleaner = _Cleaner()
    cleaner.feed(source)
    cleaner.close()
    cleaned = cleaner.result()
    if (
        cleaned
        and not cleaned.lstrip().lower().startswith(BLOCKS)
        and not any(tag in cleaned.lower() for tag in BLOCKS)
    ):
        return f"<p>{cleaned}</p>"
    return cleaned
