"""Which fields hold secrets, and which hold data about people.

A hint by the field's name, type and model, so that a person choosing fields is warned and a secret is
masked without anyone asking (S2.37). It is a hint: a customised field with an odd name is not found.
"""

from __future__ import annotations

import re

__all__ = ["about_people", "is_secret", "personal_kind"]

_TEXT_TYPES = frozenset({"char", "text", "html", "json", "binary"})

_SECRET = re.compile(
    r"(?:^|_)(?:passwd|password|pass|passphrase|secret|token|tokens|apikey|api_key|private_key|secret_key|access_key|"
    r"hmac_key|signing_key|encryption_key|client_key|credential|credentials|session_key|otp|totp)(?:_|$)"
)
_NOT_SECRET = re.compile(r"(?:_|^)(?:label|hint|help|url|placeholder|expiration|type|name|id|ref|count)$")

#: Fields whose name says nothing, but which hold keys in every database.
_SECRET_FIELDS = frozenset(
    {
        ("ir.config_parameter", "value"),
        ("res.users.apikeys", "key"),
        ("res.users.apikeys.show", "key"),
        ("bus.bus", "message"),
        ("mail.push.device", "keys"),
    }
)

#: Kinds of personal data, first match wins; each is looked for as a whole word of the field's name.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?:^|_)(?:{words})(?:_|\d|$)"))
    for kind, words in (
        ("email", "email|emails|mail"),
        ("phone", "phone|phones|mobile|fax|whatsapp|telephone"),
        (
            "bank",
            "iban|bic|acc_number|acc_holder|account_number|bank_account|sanitized_acc_number|card_number",
        ),
        (
            "identity",
            (
                "vat|ssnid|sinid|passport|identification|rg|cpf|cnpj|tin|ssn|driver_license|driving_license|"
                "driving_licence|license_plate|visa|permit|national_id|tax_id"
            ),
        ),
        (
            "address",
            (
                "street|street2|zip|city|address|district|latitude|longitude|geolocation|state_name|birth_place|"
                "place_of_birth|contact_address|street_name|street_number"
            ),
        ),
        ("birth", "birth|birthday|birthdate|birth_date|date_of_birth|age"),
        (
            "private life",
            "gender|sex|marital|nationality|religion|children|spouse|emergency|pep|disabled|certificate|study_field",
        ),
        ("network", "ip|ip_address|user_agent|last_ip|device"),
        (
            "name",
            (
                "partner_name|contact_name|first_name|firstname|last_name|lastname|surname|middle_name|full_name|"
                "legal_name|proponent_name|representative_name|customer_name|visitor_name|author_name|employee_name|"
                "display_name_person|signed_by|login|commercial_company_name|complete_name"
            ),
        ),
    )
)

_NOT_PERSONAL = re.compile(
    r"_(?:label|placeholder|xmlid|color|format|mode|state|size|criterion|method|tz|search|type|prefix|filename)$"
)

#: Models that stand for people: there `name` and `display_name` are personal too.
_PEOPLE = re.compile(
    r"^(?:res\.partner|res\.users|hr\.employee(?:\.public)?|hr\.applicant|hr\.candidate|crm\.lead|res\.partner\.bank|"
    r"mailing\.contact|event\.registration|website\.visitor)$"
)
_NAMES = frozenset({"name", "display_name", "complete_name"})
_PERSONAL_TYPES = _TEXT_TYPES | {"date", "datetime", "selection", "float", "integer", "reference"}


def about_people(model: str) -> bool:
    """Whether the records of this model stand for people, so that their names are personal data."""
    return bool(_PEOPLE.match(model))


def is_secret(model: str, name: str, type_: str) -> bool:
    """Whether the values of this field are secrets (tokens, passwords, keys) and have to be masked.

    >>> is_secret("mut.insurance.quotation", "access_token", "char")
    True
    >>> is_secret("account.payment", "payment_token_id", "many2one")
    False
    """
    if type_ not in _TEXT_TYPES:
        return False
    if (model, name) in _SECRET_FIELDS:
        return True
    return bool(_SECRET.search(name)) and not _NOT_SECRET.search(name)


def personal_kind(model: str, name: str, type_: str) -> str | None:
    """The kind of personal data the field probably holds, None when it holds none.

    One of email, phone, bank, identity, address, birth, private life, network, name.

    >>> personal_kind("res.partner", "email_normalized", "char")
    'email'
    >>> personal_kind("account.move", "name", "char")
    """
    if type_ not in _PERSONAL_TYPES or is_secret(model, name, type_) or _NOT_PERSONAL.search(name):
        return None
    if name in _NAMES and _PEOPLE.match(model):
        return "name"
    if type_ == "integer":
        return "birth" if re.search(r"(?:^|_)age$", name) else None
    if name == "complete_name":
        return None
    for kind, pattern in _KINDS:
        if pattern.search(name):
            return kind
    return None
