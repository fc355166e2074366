"""Many rows for speed: 200,000 partners and 50,000 posted invoices with their lines, made inside PostgreSQL.

`install(env)` adds them to a database with the base records, in well under a minute on two cores. Every value
follows from the row's number, so two databases of one version are equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env

__all__ = ["INVOICES", "PARTNERS", "install"]

PARTNERS = 200_000
INVOICES = 50_000
WORDS = (
    "Ash",
    "Brook",
    "Copper",
    "Drake",
    "Elder",
    "Ferry",
    "Gate",
    "Heron",
    "Iron",
    "Kelp",
    "Lock",
    "Marsh",
    "Oak",
    "Pond",
    "Quay",
    "Reed",
)
ENDS = ("wharf", "lode", "water", "mere", "weir", "staithe", "reach", "basin")
CITIES = ("Nethersluys", "Overhaven", "Kleinewater", "Lockbury", "Kanalheim")
START = "timestamp '2024-01-01 06:00:00'"


def install(env: Env, partners: int = PARTNERS, invoices: int = INVOICES) -> None:
    """Add `partners` partners, of which every tenth is a company, and `invoices` posted customer invoices."""
    env.cr.execute("SET LOCAL session_replication_role = replica")
    env.cr.execute("SET LOCAL work_mem = '256MB'")
    add_partners(env, partners)
    add_invoices(env, partners, invoices)
    env.cr.execute("SET LOCAL session_replication_role = DEFAULT")
    for model in ("res.partner", "account.move", "account.move.line"):
        table = env.registry[model].table
        env.cr.execute(
            f'SELECT setval(pg_get_serial_sequence(%s, %s), (SELECT max(id) FROM "{table}"))', [table, "id"]
        )
        env.cr.execute(f'ANALYZE "{table}"')
    env.forget()


def insert(env: Env, model: str, values: dict[str, str], source: str, **numbers: int) -> None:
    """INSERT ... SELECT of expressions by field; fields this version does not store are left out."""
    definition = env.registry[model]
    known = {name: sql for name, sql in values.items() if is_column(env, model, name)}
    columns = ", ".join(f'"{name}"' for name in known)
    env.cr.execute(
        f'INSERT INTO "{definition.table}" ({columns}) SELECT {", ".join(known.values())} {source}', numbers
    )


def is_column(env: Env, model: str, name: str) -> bool:
    """Whether this version keeps a field in a plain column."""
    found = env.registry[model].fields.get(name)
    return name == "id" or (found is not None and found.plain_column)


def pick(values: tuple[str, ...], number: str) -> str:
    """An expression for one of some texts, by a number."""
    return f"(ARRAY[{', '.join(repr(one) for one in values)}])[1 + ({number}) %% {len(values)}]"


def stamps(number: str) -> dict[str, str]:
    """The four stamps: rising creation times with microseconds, some rows written again later."""
    created = f"{START} + ({number}) * interval '271.828183 seconds'"
    written = f"{created} + (({number}) %% 7) * interval '86413.141592 seconds'"
    return {"create_date": created, "write_date": written, "create_uid": "2", "write_uid": "2"}


def add_partners(env: Env, count: int) -> None:
    """Add the partners; nine of ten are contacts of the company before them."""
    row = env.cr.execute("SELECT max(id) FROM res_partner").fetchone()
    first = row[0] if row else 0
    word = f"{pick(WORDS, 'n')} || {pick(ENDS, 'n / 16')} || ' ' || n"
    owner = "n - (n - 1) %% 10"
    company = "(n - 1) %% 10 = 0"
    owner_name = f"{pick(WORDS, owner)} || {pick(ENDS, f'({owner}) / 16')} || ' ' || ({owner})"
    insert(
        env,
        "res.partner",
        {
            "id": "%(first)s + n",
            "name": word,
            "complete_name": f"CASE WHEN {company} THEN {word} ELSE {owner_name} || ', ' || {word} END",
            "commercial_company_name": owner_name,
            "parent_id": f"CASE WHEN {company} THEN NULL ELSE %(first)s + {owner} END",
            "commercial_partner_id": f"%(first)s + {owner}",
            "is_company": company,
            "active": "n %% 50 <> 0",
            "type": "CASE WHEN n %% 10 = 3 THEN 'delivery' WHEN n %% 10 = 4 THEN 'invoice' ELSE 'contact' END",
            "lang": "'en_US'",
            "tz": "'Europe/Brussels'",
            "color": "n %% 12",
            "partner_share": "true",
            "email": "'p' || n || '@letters.example'",
            "email_normalized": "'p' || n || '@letters.example'",
            "phone": "'+32 9 555 ' || lpad((n %% 10000)::text, 4, '0')",
            "phone_sanitized": "'+329555' || lpad((n %% 10000)::text, 4, '0')",
            "street": "(1 + n %% 200) || ' Wharf Road'",
            "zip": "lpad((n %% 10000)::text, 4, '0')",
            "city": pick(CITIES, "n / 10"),
            "country_id": "%(country)s",
            "ref": "CASE WHEN n %% 3 = 0 THEN 'K' || n END",
            "vat": f"CASE WHEN {company} THEN 'BE0' || lpad(n::text, 9, '0') END",
            "website": f"CASE WHEN {company} THEN 'http://www.w' || n || '.example' END",
            "function": f"CASE WHEN {company} THEN NULL ELSE {pick(('Steerer', 'Clerk', 'Lock Keeper', 'Buyer'), 'n')} END",
            "user_id": "CASE WHEN n %% 4 = 0 THEN 2 END",
            "customer_rank": "n %% 5",
            "supplier_rank": "CASE WHEN n %% 7 = 0 THEN 1 ELSE 0 END",
            "partner_latitude": "round((49 + (n %% 4000) / 1000.0)::numeric, 7)",
            "partner_longitude": "round((2 + (n %% 5000) / 1000.0)::numeric, 7)",
            "comment": "CASE WHEN n %% 9 = 0 THEN '<p>Boat due back on Friday.</p>' END",
            "employee": "false",
            "autopost_bills": "'ask'",
            "group_on": "'default'",
            "group_rfq": "'default'",
            "invoice_warn": "'no-message'",
            "sale_warn": "'no-message'",
            "purchase_warn": "'no-message'",
            "picking_warn": "'no-message'",
            **stamps("n"),
        },
        "FROM generate_series(1, %(count)s) n",
        first=first,
        count=count,
        country=env.ref("base.be").id,
    )


def add_invoices(env: Env, partners: int, count: int) -> None:
    """Add invoices of one product line, its tax of 15 % and the receivable."""
    cr, ref = env.cr, env.ref
    row = cr.execute("SELECT coalesce(max(id), 0) FROM account_move").fetchone()
    lines = cr.execute("SELECT coalesce(max(id), 0) FROM account_move_line").fetchone()
    last = cr.execute("SELECT max(id) FROM res_partner").fetchone()
    first, first_line = row[0] if row else 0, lines[0] if lines else 0
    first_partner = (last[0] if last else 0) - partners
    company = ref("base.main_company")
    known = {
        "first": first,
        "first_line": first_line,
        "first_partner": first_partner,
        "count": count,
        "companies": max(1, partners // 10),
        "company": company.id,
        "currency": company.currency_id.id,
        "journal": ref("account.1_sale").id,
        "income": ref("account.1_income").id,
        "receivable": ref("account.1_receivable").id,
        "tax_account": ref("account.1_tax_received").id,
        "tax": ref("account.1_sale_tax_template").id,
        "tax_group": ref("account.1_tax_group_15").id,
        "tax_part": ref("account.1_sale_tax_it").id,
    }
    day = "(date '2024-01-01' + (n * 700 / %(count)s)::int)"
    number = "n"
    partner = "%(first_partner)s + 1 + 10 * ((n * 7) %% %(companies)s)"
    untaxed = "round((10 + (n * 37) %% 9000 + (n %% 100) / 100.0)::numeric, 2)"
    tax = f"round({untaxed} * 0.15, 2)"
    name = f"'INV/' || extract(year FROM {day}) || '/' || lpad(n::text, 6, '0')"
    common = {
        "company_id": "%(company)s",
        "currency_id": "%(currency)s",
        "journal_id": "%(journal)s",
        "partner_id": partner,
        "date": day,
        "invoice_date": day,
        **stamps("n * 4"),
    }
    insert(
        env,
        "account.move",
        common
        | {
            "id": "%(first)s + n",
            "name": name,
            "state": "'posted'",
            "move_type": "'out_invoice'",
            "commercial_partner_id": partner,
            "partner_shipping_id": partner,
            "invoice_date_due": f"{day} + 30",
            "amount_untaxed": untaxed,
            "amount_tax": tax,
            "amount_total": f"{untaxed} + {tax}",
            "amount_residual": f"{untaxed} + {tax}",
            "amount_untaxed_signed": untaxed,
            "amount_tax_signed": tax,
            "amount_total_signed": f"{untaxed} + {tax}",
            "amount_total_in_currency_signed": f"{untaxed} + {tax}",
            "amount_residual_signed": f"{untaxed} + {tax}",
            "payment_state": "'not_paid'",
            "payment_reference": name,
            "posted_before": "true",
            "auto_post": "'no'",
            "invoice_user_id": "2",
            "sequence_prefix": f"'INV/' || extract(year FROM {day}) || '/'",
            "sequence_number": number,
            "ref": "CASE WHEN n %% 4 = 0 THEN 'PO-' || n END",
            "invoice_currency_rate": "1",
            "always_tax_exigible": "false",
            "is_move_sent": "false",
            "is_storno": "false",
        },
        "FROM generate_series(1, %(count)s) n",
        **known,
    )
    add_lines(
        env,
        known,
        common | {"move_name": name, "parent_state": "'posted'", "company_currency_id": "%(currency)s"},
        untaxed,
        tax,
    )


def add_lines(env: Env, known: dict[str, int], common: dict[str, str], untaxed: str, tax: str) -> None:
    """Add the three journal items of every invoice."""
    due = f"{common['date']} + 30"
    kinds = (
        ("'product'", f"-({untaxed})", "%(income)s", "'Carriage of ' || n"),
        ("'tax'", f"-({tax})", "%(tax_account)s", "'15%%'"),
        ("'payment_term'", f"{untaxed} + {tax}", "%(receivable)s", common["move_name"]),
    )
    for place, (kind, balance, account, name) in enumerate(kinds, 1):
        open_amount = balance if place == 3 else "0"
        values = common | {
            "id": f"%(first_line)s + (n - 1) * 3 + {place}",
            "move_id": "%(first)s + n",
            "name": name,
            "display_type": kind,
            "account_id": account,
            "balance": balance,
            "debit": f"greatest({balance}, 0)",
            "credit": f"greatest(-({balance}), 0)",
            "amount_currency": balance,
            "amount_residual": open_amount,
            "amount_residual_currency": open_amount,
            "reconciled": "false",
            "sequence": "100",
            "quantity": "1" if place == 1 else "0",
            "price_unit": untaxed if place == 1 else "0",
            "discount": "0",
            "price_subtotal": untaxed if place == 1 else "0",
            "price_total": f"{untaxed} + {tax}" if place == 1 else "0",
        }
        if place == 2:
            values |= {
                "tax_line_id": "%(tax)s",
                "tax_group_id": "%(tax_group)s",
                "tax_repartition_line_id": "%(tax_part)s",
                "tax_base_amount": f"-({untaxed})",
            }
        if place == 3:
            values["date_maturity"] = due
        insert(env, "account.move.line", values, "FROM generate_series(1, %(count)s) n", **known)
    link = env.registry["account.move.line"].fields["tax_ids"].relation_table
    if link is not None:
        env.cr.execute(
            f'INSERT INTO "{link.table}" ("{link.column1}", "{link.column2}") '
            "SELECT %(first_line)s + (n - 1) * 3 + 1, %(tax)s FROM generate_series(1, %(count)s) n",
            known,
        )
