"""HTTP and the three protocols: what arrives at the socket until a method of a model is called, and back.

Here live the threaded server, the envelopes, errors, authentication, sessions and the switchboard's HTTP side.
Nothing of a model's behaviour belongs here, and no SQL but that of users and keys.
"""

from __future__ import annotations

from towpath.sandbox.odoo_server.wire.app import App
from towpath.sandbox.odoo_server.wire.control import Control
from towpath.sandbox.odoo_server.wire.gateway import Gateway
from towpath.sandbox.odoo_server.wire.http import HttpServer, Request, Response

__all__ = ["App", "Control", "Gateway", "HttpServer", "Request", "Response"]
