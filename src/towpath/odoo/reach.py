"""Why a server was not reached, or its answer was lost, as one of Towpath's errors.

``details["cause"]`` is a word the probe turns into its sentence; ``details["applied"]`` is False when it is
certain that Odoo never saw the request, so that even a write may be sent again.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from typing import Literal, TypeAlias

import httpcore2
import httpx2

from towpath.errors import AddressError, ConnectionLostError, ProtocolError, TimedOutError, TowpathError

__all__ = ["Cause", "unreached"]

Cause: TypeAlias = Literal[
    "unknown host",
    "refused",
    "unreachable",
    "slow to connect",
    "tls",
    "not tls",
    "slow",
    "dropped",
    "garbage",
]

# OpenSSL's verification codes (x509_vfy.h), by what a person can do about them
EXPIRED, NOT_YET, SELF_SIGNED, SELF_SIGNED_CHAIN, NO_ISSUER, WRONG_NAME = 10, 9, 18, 19, 20, 62
UNKNOWN_NAME = {
    code
    for code in (
        getattr(socket, "EAI_NONAME", None),
        getattr(socket, "EAI_NODATA", None),
        getattr(socket, "EAI_FAIL", None),
    )
    if code is not None
}


def unreached(error: Exception, *, host: str, seconds: float, repeatable: bool) -> TowpathError:
    """Return the error to raise for a failure below HTTP.

    host: as the person knows it, with the port. seconds: the time-out that was set. repeatable: False makes
    the sentence say that the outcome of a lost call is not known.
    """
    if isinstance(error, TowpathError):
        return error
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return AddressError(certificate_sentence(cause, host), details={"cause": "tls", "applied": False})
        if isinstance(cause, ssl.SSLError):
            return _tls(cause, host)
        if isinstance(cause, (socket.gaierror, UnicodeError)):
            certain = isinstance(cause, UnicodeError) or cause.errno in UNKNOWN_NAME
            return ConnectionLostError(
                f"The host {host} is not known; check the spelling of the address."
                if certain
                else f"The name {host} could not be looked up; check the network and try again.",
                details={"cause": "unknown host", "applied": False},
            )
    if isinstance(error, httpcore2.ConnectTimeout):
        return TimedOutError(
            f"{host} did not accept a connection in time; check the address, the port and the firewall.",
            details={"cause": "slow to connect", "applied": False},
        )
    if isinstance(error, httpcore2.ConnectError):
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error))
        return ConnectionLostError(
            f"Nothing answers at {host}; check the address and the port, and that Odoo runs."
            if refused
            else f"{host} can not be reached from here; check the address and the network.",
            details={"cause": "refused" if refused else "unreachable", "applied": False},
        )
    if isinstance(error, httpcore2.PoolTimeout):
        return TimedOutError(
            f"All connections to {host} are busy; try again.", details={"cause": "slow", "applied": False}
        )
    if isinstance(error, httpcore2.TimeoutException):
        return TimedOutError(
            f"{host} gave no whole answer within {seconds:g} seconds{_outcome(repeatable)}",
            details={"cause": "slow"},
        )
    if isinstance(error, httpx2.DecodingError):
        return ProtocolError(
            f"The answer of {host} is damaged: its compression can not be undone.",
            details={"cause": "garbage"},
        )
    cut_short = re.search("disconnect|incomplete|closed", str(error))
    if isinstance(error, httpcore2.RemoteProtocolError) and not cut_short:
        return ProtocolError(
            f"{host} does not speak HTTP here; check the address and the port.", details={"cause": "garbage"}
        )
    return ConnectionLostError(
        f"{host} closed the connection before the whole answer had come{_outcome(repeatable)}",
        details={"cause": "dropped"},
    )


def certificate_sentence(error: ssl.SSLCertVerificationError, host: str) -> str:
    """Say in one sentence what is wrong with a certificate and what to do."""
    match error.verify_code:
        case n if n == EXPIRED:
            return f"The TLS certificate of {host} has expired; renew it on the Odoo server."
        case n if n == NOT_YET:
            return f"The TLS certificate of {host} is not valid yet; check the clocks of both machines."
        case n if n == WRONG_NAME:
            return f"The TLS certificate of {host} is for another name; use the name that stands in it."
        case n if n in {SELF_SIGNED, SELF_SIGNED_CHAIN, NO_ISSUER}:
            return (
                f"The TLS certificate of {host} is self-signed or from an authority that is not known here; "
                "install a public certificate or name your authority's file."
            )
        case _:
            return f"The TLS certificate of {host} can not be trusted ({error.verify_message})."


def _tls(error: ssl.SSLError, host: str) -> TowpathError:
    reason = (error.reason or "").upper()
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL"}:
        return AddressError(
            f"{host} does not speak TLS: it is plain http on this port; type http:// in front of the address.",
            details={"cause": "not tls", "applied": False},
        )
    if "EOF" in reason or isinstance(error, ssl.SSLEOFError):
        return ConnectionLostError(
            f"{host} closed the connection during the TLS handshake; try again.",
            details={"cause": "dropped"},
        )
    return AddressError(
        f"No secure connection to {host} could be agreed on ({reason.replace('_', ' ').lower() or 'TLS error'}).",
        details={"cause": "tls", "applied": False},
    )


def _outcome(repeatable: bool) -> str:
    return (
        "."
        if repeatable
        else ", so it is not known whether Odoo did what was asked; check before repeating it."
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
