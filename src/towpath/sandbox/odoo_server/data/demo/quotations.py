"""The custom model of the demo, an insurer's quotation with 99 fields, and the small models beside it.

Custom models are rows of ir.model and ir.model.fields; `quotations.txt` lists them (features S2.35 to S2.47).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.data.demo import words
from towpath.sandbox.odoo_server.data.demo.people import person
from towpath.sandbox.odoo_server.data.demo.scene import money
from towpath.sandbox.odoo_server.orm import custom

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.sandbox.odoo_server.data.demo.scene import Scene

__all__ = ["add_quotations", "custom_models"]

QUOTATIONS = 320
MODEL = "mut.insurance.quotation"
THINGS = (
    "Narrowboat",
    "Wide barge",
    "Hull",
    "Engine",
    "Cargo of grain",
    "Cargo of slate",
    "Wharf crane",
    "Boathouse",
    "Tug",
)
COVERS = ("Hull cover", "Cargo cover", "Liability cover")


@dataclass(slots=True, kw_only=True)
class CustomModel:
    """A custom model as `quotations.txt` describes it."""

    name: str
    label: str
    thread: bool
    fields: list[dict[str, Any]] = field(default_factory=list)


def custom_models() -> list[CustomModel]:
    """The custom models with the columns of their ir.model.fields rows; `choices` holds a selection's pairs."""
    found: list[CustomModel] = []
    text = resources.files(__package__).joinpath("quotations.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.lstrip("@").split("|")]
        if line.startswith("@"):
            found.append(CustomModel(name=cells[0], label=cells[1], thread=cells[2] == "thread"))
            continue
        name, kind, label, further = cells
        row: dict[str, Any] = {
            "name": name, "ttype": kind, "field_description": label, "required": further == "required", "store": further != "unstored",
        }  # fmt: skip
        if kind in {"many2one", "one2many", "many2many"}:
            row["relation"], _, inverse = further.partition(",")
            row["relation_field"] = inverse or None
            row["on_delete"] = "set null" if kind == "many2one" else None
        elif kind == "selection":
            row["choices"] = [tuple(pair.split("=")) for pair in further.split(",")]
        elif kind == "monetary":
            row["currency_field"] = "currency_id"
        found[-1].fields.append(row)
    return found


def add_quotations(scene: Scene) -> None:
    """Define the custom models and fill them."""
    scene.batch.flush()
    define(scene)
    cities = [
        scene.batch.add("mut.insurance.city", name=city, state_id=state, ibge_code=f"{4200000 + place}")
        for place, (city, _code, _country, state) in enumerate(words.CITIES)
        if state
    ]
    discounts = [
        scene.batch.add("mut.insurance.discount", name=f"{rate} % off", rate=float(rate))
        for rate in (5, 10, 15)
    ]
    policies = [
        scene.batch.add("mut.insurance.policy", name=f"POL-{7000 + n}", partner_id=scene.pick(scene.customers),
                        start_date=date(2024, 3, 1), end_date=date(2025, 3, 1))
        for n in range(60)
    ]  # fmt: skip
    for place, created in enumerate(scene.moments(QUOTATIONS), 1):
        add_quotation(scene, place, created, cities, discounts, policies)


def define(scene: Scene) -> None:
    """Write the rows that describe the models, make their tables and rights."""
    batch, env = scene.batch, scene.batch.env
    models = custom_models()
    ids: dict[str, int] = {}
    rows: list[int] = []
    for one in models:
        ids[one.name] = batch.add(
            "ir.model", f"mut_insurance.model_{one.name.replace('.', '_')}", model=one.name, name=one.label, state="manual",
            order="id", transient=False, is_mail_thread=one.thread, is_mail_activity=one.thread, is_mail_blacklist=False,
        )  # fmt: skip
    for one in models:
        rows += [field_row(scene, one.name, ids[one.name], row) for row in one.fields]
        for group, rights in (("base.group_user", "r"), ("base.group_system", "rwcu")):
            batch.add(
                "ir.model.access", name=f"{one.name} {group}", model_id=ids[one.name], group_id=group, active=True,
                perm_read=True, perm_write="w" in rights, perm_create="c" in rights, perm_unlink="u" in rights,
            )  # fmt: skip
    batch.flush()
    for one in models:
        custom.add_model(
            env,
            {
                "model": one.name,
                "name": one.label,
                "order": "id",
                "is_mail_thread": one.thread,
                "is_mail_activity": one.thread,
            },
        )
    for row in sorted(rows, key=lambda number: number):
        custom.add_field(env, row)
    for one in models:
        custom.name_model(env.registry, one.name)


def field_row(scene: Scene, model: str, model_id: int, row: dict[str, Any]) -> int:
    """Write one row of ir.model.fields, with its choices."""
    values = {key: value for key, value in row.items() if key != "choices"}
    xmlid = f"mut_insurance.field_{model.replace('.', '_')}__{row['name']}"
    record = scene.batch.add(
        "ir.model.fields", xmlid, model=model, model_id=model_id, state="manual", readonly=False, copied=True, index=False,
        domain="[]", selectable=True, company_dependent=False, **values,
    )  # fmt: skip
    for place, (value, label) in enumerate(row.get("choices", ())):
        scene.batch.add("ir.model.fields.selection", field_id=record, value=value, name=label, sequence=place)
    return record


def number(scene: Scene, pattern: str) -> str:
    """A made-up number: each # becomes a digit."""
    return "".join(str(scene.dice.randint(0, 9)) if sign == "#" else sign for sign in pattern)


def add_quotation(
    scene: Scene, place: int, created: datetime, cities: list[int], discounts: list[int], policies: list[int]
) -> None:
    """Add one quotation with one to four insured items."""
    dice, batch, firm = scene.dice, scene.batch, scene.firms[0]
    stamps = scene.stamps(created)
    record = batch.next_id(MODEL)
    items = []
    for sequence in range(dice.randint(1, 4)):
        value = money(dice.randint(20, 4000) * 50)
        premium = money(value * dice.randint(8, 35) / 1000)
        items.append((scene.pick(THINGS), value, premium))
        batch.add(
            f"{MODEL}.item", name=items[-1][0], quotation_id=record, sequence=sequence, value=value, premium_amount=premium,
            currency_id="base.BRL", **stamps,
        )  # fmt: skip
    company = dice.random() < 0.35
    name = person(scene)
    status = dice.choice(("draft", "calculated", "sent", "approved", "issued", "refused", "expired"))
    extras = dice.sample(scene.products, dice.randint(0, 2))
    premium = sum((one[2] for one in items), money(0))
    parts = dice.choice((1, 2, 3, 6, 10))
    renewal = dice.random() < 0.25
    values = proponent(scene, name, company=company, cities=cities) | {
        "name": f"QUO/2025/{place:05d}", "status": status, "access_token": number(scene, "tok-########-####-####-############"),
        "active": dice.random() > 0.05, "validity_date": (created + timedelta(days=30)).date(), "standard_duration": 12,
        "partner_id": scene.pick(scene.customers), "product_id": scene.pick(scene.products)["id"],
        "items_display_name": ", ".join(one[0] for one in items), "items_value": sum((one[1] for one in items), money(0)),
        "items_total_premium_amount": premium, "extra_product_ids": [one["id"] for one in extras],
        "total_premium_amount": premium + 25 * len(extras), "display_installments": f"{parts} x",
        "first_installment_amount": money((premium + 25 * len(extras)) / parts), "installments_due_day": dice.choice((5, 10, 15, 20)),
        "display_payment_term": "30 Days", "factor": round(dice.uniform(0.8, 1.4), 4), "payment_term_id": firm.term,
        "payment_method_id": "payment.payment_method_card", "payment_provider_id": "payment.payment_provider_transfer",
        "available_payment_method_ids": ["payment.payment_method_card", "payment.payment_method_bank_transfer"],
        "available_payment_provider_ids": ["payment.payment_provider_transfer"],
        "discount_id": dice.choice([*discounts, None]), "discount_status": dice.choice(("none", "requested", "approved", "refused")),
        "is_enable_discount": dice.random() < 0.5, "enable_commissioning": dice.random() < 0.7,
        "json_commission_amounts": {cover: float(money(premium * share / 100)) for cover, share in zip(COVERS, (4, 2, 1), strict=True)},
        "json_commission_rates": [{"cover": cover, "rate": share / 100} for cover, share in zip(COVERS, (4, 2, 1), strict=True)],
        "is_renewal": renewal, "origin_policy_id": scene.pick(policies) if renewal else None, "is_calc_done": status != "draft",
        "inspection_counter": dice.randint(0, 3), "user_id": scene.pick(scene.users), "sales_team_id": "sales_team.team_sales_department",
        "company_id": firm.id, "currency_id": "base.BRL",
    }  # fmt: skip
    batch.add(MODEL, f"mut_insurance.quotation_{place}", **values, **stamps)


def proponent(scene: Scene, name: str, *, company: bool, cities: list[int]) -> dict[str, Any]:
    """Who asks for the cover: a person or a company, all of it made up."""
    dice = scene.dice
    born = date(dice.randint(1950, 2004), dice.randint(1, 12), dice.randint(1, 28))
    street, house = scene.pick(words.STREETS), dice.randint(1, 400)
    digits = number(scene, "88######")
    slug = name.lower().replace(" ", ".")
    found: dict[str, Any] = {
        "proponent_name": name, "proponent_type": "company" if company else "person",
        "proponent_vat": number(scene, "##.###.###/0001-##" if company else "###.###.###-##"),
        "proponent_legal_name": f"{name} Ltda" if company else name, "proponent_email": f"{slug}@letters.example",
        "proponent_phone": number(scene, "+55 48 5555-####"), "proponent_age": 2025 - born.year, "proponent_birth_date": born,
        "proponent_gender": dice.choice(("male", "female", "other")),
        "proponent_marital_status": dice.choice(("single", "married", "divorced", "widowed")), "proponent_nationality": "base.br",
        "proponent_rg": number(scene, "#.###.###"), "proponent_driver_license": number(scene, "###########"),
        "proponent_pep": dice.random() < 0.03, "proponent_address": f"{street}, {house}", "proponent_street_name": street,
        "proponent_street_number": str(house), "proponent_street2": scene.pick((None, "Fundos", "Sala 2")),
        "proponent_district": scene.pick(("Centro", "Cais", "Eclusa")), "proponent_city": "Vila das Comportas",
        "proponent_city_id": scene.pick(cities), "proponent_state_id": "base.state_br_sc", "proponent_country_id": "base.br",
        "proponent_zip": f"{digits[:5]}-{digits[5:]}", "proponent_zip_number": int(digits),
    }  # fmt: skip
    if company:
        found |= {
            "proponent_company_cnae": number(scene, "####-#/##"), "proponent_company_email": f"office@{slug}.example",
            "proponent_company_phone": number(scene, "+55 48 5555-####"),
            "proponent_company_foundation_date": date(dice.randint(1960, 2020), 5, 1),
            "proponent_legal_representative_name": person(scene),
            "proponent_legal_representative_vat": number(scene, "###.###.###-##"),
        }  # fmt: skip
    return found
