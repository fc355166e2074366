"""Companies, users, partners and employees of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.data.demo import words
from towpath.sandbox.odoo_server.data.demo.scene import OPEN

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.sandbox.odoo_server.data.demo.scene import Scene

__all__ = ["add_people", "person"]

USERS = (
    # login, name, groups: three kinds of rights beside the administrator
    (
        "sales",
        "Wenna Quayside",
        "base.group_user base.group_partner_manager sales_team.group_sale_salesman_all_leads base.group_allow_export",
    ),
    ("books", "Garrow Coalpenny", "base.group_user base.group_partner_manager account.group_account_manager"),
    (
        "yard",
        "Tamsel Keelson",
        "base.group_user project.group_project_user stock.group_stock_user purchase.group_purchase_user",
    ),
)
PARTNERS = 300
COMPANIES = 110


def add_people(scene: Scene) -> None:
    """Add users with their partners, then companies and contacts up to 300 partners, then employees."""
    add_users(scene)
    add_partners(scene)
    add_employees(scene)


def person(scene: Scene) -> str:
    """A made-up name."""
    return f"{scene.pick(words.GIVEN)} {scene.pick(words.FAMILY)}"


def implied(scene: Scene, groups: str) -> list[int]:
    """The groups a user holds: on 17.0 with all they imply."""
    wanted = [scene.batch.ref(one) for one in groups.split()]
    if scene.is19:
        return wanted
    rows = scene.batch.env.cr.execute("SELECT gid, hid FROM res_groups_implied_rel").fetchall()
    found = set(wanted)
    while more := {hid for gid, hid in rows if gid in found and hid not in found}:
        found |= more
    return sorted(found)


def add_users(scene: Scene) -> None:
    """Add three users who may do different things."""
    batch = scene.batch
    companies = [firm.id for firm in scene.firms]
    for login, name, groups in USERS:
        partner = batch.add(
            "res.partner",
            f"towpath_demo.partner_{login}",
            **partner_values(scene, name, OPEN)
            | {
                "email": f"{login}@ninefold.example",
                "email_normalized": f"{login}@ninefold.example",
                "partner_share": False,
            },
        )
        own_companies = companies if login == "books" else companies[:1]
        user = batch.add(
            "res.users",
            f"towpath_demo.user_{login}",
            login=login,
            partner_id=partner,
            company_id=companies[0],
            company_ids=own_companies,
            active=True,
            share=False,
            notification_type="email",
            odoobot_state="disabled",
            signature=f"<p>{name}</p>",
            tour_enabled=False,
            **{"group_ids" if scene.is19 else "groups_id": implied(scene, groups)},
        )
        scene.users.append(user)
    scene.users.append(2)


def partner_values(scene: Scene, name: str, created: datetime) -> dict[str, Any]:
    """What every partner row has."""
    record = scene.batch.next_id("res.partner")
    scene.partner_names[record] = name
    values: dict[str, Any] = {
        "name": name,
        "complete_name": name,
        "active": True,
        "is_company": False,
        "type": "contact",
        "lang": "en_US",
        "tz": "Europe/Brussels",
        "color": 0,
        "partner_share": True,
        "commercial_partner_id": record,
        "customer_rank": 0,
        "supplier_rank": 0,
        "employee": False,
        **scene.stamps(created),
    }
    if scene.is19:
        return values | {"autopost_bills": "ask", "group_on": "default", "group_rfq": "default"}
    warns = ("invoice_warn", "sale_warn", "purchase_warn", "picking_warn")
    return values | dict.fromkeys(warns, "no-message")


def add_partners(scene: Scene) -> None:
    """Add tags, companies that buy or sell, and their contacts."""
    batch = scene.batch
    tags = []
    for place, name in enumerate(("Carrier", "Shipper", "Wharfinger", "Slow payer", "Canal company"), 1):
        path = f"{batch.next_id('res.partner.category')}/"
        xmlid = f"towpath_demo.tag_{place}"
        tags.append(
            batch.add("res.partner.category", xmlid, name=name, color=place, active=True, parent_path=path)
        )
    existing = batch.next_id("res.partner") - 1
    firms = [(first, trade) for first in words.FIRMS for trade in words.TRADES]
    scene.dice.shuffle(firms)
    parents: list[tuple[int, str, dict[str, Any]]] = []
    for place, created in enumerate(scene.moments(PARTNERS - existing)):
        if place < COMPANIES:
            parents.append(add_company(scene, " ".join(firms[place]), created, tags))
        else:
            add_contact(scene, parents, created, tags)


def address(scene: Scene) -> dict[str, Any]:
    """A made-up postal address."""
    city, code, country, state = scene.pick(words.CITIES)
    return {
        "street": f"{scene.dice.randint(1, 180)} {scene.pick(words.STREETS)}",
        "street2": scene.pick((None, None, None, "Unit 2", "First floor", scene.pick(words.WATERS))),
        "city": city,
        "zip": code,
        "country_id": scene.batch.ref(country),
        "state_id": scene.batch.ref(state) if state else None,
    }


def add_company(
    scene: Scene, name: str, created: datetime, tags: list[int]
) -> tuple[int, str, dict[str, Any]]:
    """Add one company that is a customer, a vendor or both."""
    dice = scene.dice
    slug = name.lower().replace(" & ", "-").replace(" ", "-").replace("'", "")
    values = partner_values(scene, name, created)
    place = address(scene)
    kind = dice.random()
    active = dice.random() > 0.04
    values |= place | {
        "is_company": True,
        "active": active,
        "email": f"office@{slug}.example",
        "email_normalized": f"office@{slug}.example",
        "phone": f"+32 9 555 {dice.randint(10, 99)} {dice.randint(10, 99)}",
        "website": f"http://www.{slug}.example",
        "vat": f"BE0{dice.randint(100000000, 999999999)}" if dice.random() < 0.5 else None,
        "ref": f"K{dice.randint(1000, 9999)}" if dice.random() < 0.7 else None,
        "commercial_company_name": name,
        "industry_id": scene.batch.ref(scene.pick([f"base.res_partner_industry_{one}" for one in "ACDFGH"])),
        "customer_rank": dice.randint(1, 30) if kind < 0.75 else 0,
        "supplier_rank": dice.randint(1, 20) if kind > 0.55 else 0,
        "comment": f"<p>{scene.pick(words.REMARKS)}</p>" if dice.random() < 0.3 else None,
        "category_id": dice.sample(tags, dice.randint(0, 2)),
        "credit_limit": float(dice.choice((0, 0, 5000, 20000))),
        "partner_latitude": round(dice.uniform(49.0, 53.0), 7) if dice.random() < 0.2 else 0.0,
        "partner_longitude": round(dice.uniform(2.0, 7.0), 7) if dice.random() < 0.2 else 0.0,
        "user_id": dice.choice([*scene.users, None]),
    }
    record = scene.batch.add(
        "res.partner", f"towpath_demo.partner_{scene.batch.next_id('res.partner')}", **values
    )
    if active:
        if values["customer_rank"]:
            scene.customers.append(record)
        if values["supplier_rank"]:
            scene.vendors.append(record)
    return record, name, place


def add_contact(
    scene: Scene, parents: list[tuple[int, str, dict[str, Any]]], created: datetime, tags: list[int]
) -> None:
    """Add a person, mostly at one of the companies; some are delivery or invoice addresses."""
    dice = scene.dice
    name = person(scene)
    values = partner_values(scene, name, created)
    record = scene.batch.next_id("res.partner")
    mail = f"{name.lower().replace(' ', '.')}{record}@letters.example"
    values |= {"email": mail, "email_normalized": mail, "category_id": dice.sample(tags, dice.randint(0, 1))}
    if dice.random() < 0.85:
        parent, company, place = dice.choice(parents)
        values |= place | {
            "parent_id": parent,
            "commercial_partner_id": parent,
            "commercial_company_name": company,
            "complete_name": f"{company}, {name}",
            "type": dice.choice(("contact", "contact", "contact", "delivery", "invoice")),
            "function": scene.pick(words.JOBS),
        }
        scene.contacts.append(record)
    else:
        values |= address(scene) | {"customer_rank": 1}
        scene.customers.append(record)
    scene.batch.add("res.partner", f"towpath_demo.partner_{record}", **values)


def add_employees(scene: Scene) -> None:
    """Add departments, jobs and some two dozen employees."""
    batch, dice = scene.batch, scene.dice
    firm = scene.firms[0]
    departments = []
    for name in ("Boats", "Wharves", "Counting House", "Boatyard"):
        record = batch.next_id("hr.department")
        batch.add(
            "hr.department",
            name=name,
            complete_name=name,
            active=True,
            company_id=firm.id,
            parent_path=f"{record}/",
        )
        departments.append(record)
    jobs = [
        batch.add(
            "hr.job",
            name=name,
            active=True,
            sequence=10,
            company_id=firm.id,
            department_id=dice.choice(departments),
        )
        for name in words.JOBS
    ]
    tags = [
        batch.add("hr.employee.category", name=name, color=place)
        for place, name in enumerate(("Day crew", "Night crew"), 1)
    ]
    for created in scene.moments(26):
        name = person(scene)
        stamps = scene.stamps(created)
        resource = batch.add(
            "resource.resource", name=name, active=True, company_id=firm.id, resource_type="user", time_efficiency=100.0,
            tz="Europe/Brussels", calendar_id="resource.resource_calendar_std", **stamps,
        )  # fmt: skip
        employee = batch.next_id("hr.employee")
        job = dice.choice(jobs)
        common: dict[str, Any] = {
            "department_id": dice.choice(departments),
            "job_id": job,
            "job_title": words.JOBS[jobs.index(job)],
            "resource_calendar_id": batch.ref("resource.resource_calendar_std"),
            "company_id": firm.id,
            "address_id": firm.partner,
            "employee_type": "employee",
            "marital": "single",
        }
        values: dict[str, Any] = {
            "name": name,
            "active": True,
            "resource_id": resource,
            "company_id": firm.id,
            "work_email": f"{name.lower().replace(' ', '.')}@ninefold.example",
            "work_phone": f"+32 9 555 {dice.randint(1000, 9999)}",
            "category_ids": dice.sample(tags, 1),
            "parent_id": employee - 1 if employee > 1 and dice.random() < 0.7 else None,
            **stamps,
        }
        if scene.is19:
            version = batch.add(
                "hr.version", employee_id=employee, date_version=created.date(), active=True, hr_responsible_id=2,
                last_modified_date=created, last_modified_uid=2, distance_home_work_unit="kilometers", **common, **stamps,
            )  # fmt: skip
            values["current_version_id"] = version
        else:
            values |= common
        batch.add("hr.employee", f"towpath_demo.employee_{employee}", **values)
