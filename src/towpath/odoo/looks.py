"""What a server that is not an Odoo looks like, for the one sentence a person gets to read."""

from __future__ import annotations

import re
from html import unescape

from towpath.odoo.wire import Reply

__all__ = ["looks_like"]

SIGNS = (
    ("wp-content", "a WordPress site"),
    ("shopify", "a Shopify shop"),
    ("welcome to nginx", "the welcome page of nginx"),
    ("apache2 default page", "the welcome page of Apache"),
    ("apache2 debian default page", "the welcome page of Apache"),
    ("it works!", "the welcome page of a web server"),
    ("iis windows server", "the welcome page of IIS"),
    ("just a moment", "a check of Cloudflare against robots"),
    ("cf-browser-verification", "a check of Cloudflare against robots"),
    ("parked", "a parked domain"),
    ("domain is for sale", "a parked domain"),
)
ODOO_SIGNS = (
    "/web/assets/",
    "odoo.define",
    "o_web_client",
    'name="generator" content="odoo"',
    "oe_login_form",
)


def looks_like(reply: Reply) -> tuple[str, bool]:
    """Return a short description of what answered, and whether a web page of an Odoo seems to be behind it."""
    text = reply.text()
    lower = text.lower()
    if any(sign in lower for sign in ODOO_SIGNS):
        return "a web page of Odoo", True
    for sign, name in SIGNS:
        if sign in lower:
            return name, False
    title = re.search(r"<title[^>]*>([^<]{1,200})", text, re.IGNORECASE)
    words = " ".join(unescape(title.group(1)).split())[:60] if title else ""
    if words:
        return f"a web page titled “{words}”", False
    server = re.sub(r"[^\w./ -]", "", reply.headers.get("server", ""))[:40]
    kind = {
        "application/json": "JSON that is not Odoo's",
        "text/html": "a web page",
        "": "nothing readable",
    }.get(reply.content_type, reply.content_type[:40])
    return f"{kind}{f' from {server}' if server else ''} (HTTP {reply.status})", False
