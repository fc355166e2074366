"""Whether an issuer says that it asked for a second factor (OpenID Connect Core 1.0, 2: ``amr`` and ``acr``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

__all__ = ["second_factor"]

#: Ways to prove oneself by what they rest on (RFC 8176): two of different kinds are two factors.
_KINDS = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "hwk", "swk", "sc", "sms", "tel"}),
    frozenset({"face", "fpt", "iris", "retina", "vbm"}),
)
#: What stands for a second factor at any issuer: the profile of REFEDS and the policy of PAPE.
_ACR = frozenset(
    {
        "https://refeds.org/profile/mfa",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
    }
)


def second_factor(claims: Mapping[str, Any], acr_values: Collection[str] = ()) -> bool:
    """Whether these proved claims say that the person gave a second factor.

    :param acr_values: further values of ``acr`` that stand for one at this issuer.
    """
    told = claims.get("amr")
    amr = {one for one in told if isinstance(one, str)} if isinstance(told, list) else set()
    if "mfa" in amr or sum(bool(kind & amr) for kind in _KINDS) > 1:
        return True
    acr = claims.get("acr")
    return isinstance(acr, str) and (acr in _ACR or acr in acr_values)
