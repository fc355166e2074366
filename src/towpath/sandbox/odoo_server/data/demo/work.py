"""Leads, projects, tasks, meetings, activities and messages of the demo."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.data.demo import words
from towpath.sandbox.odoo_server.data.demo.people import person

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.data.demo.scene import Scene

__all__ = ["add_work"]

LEADS, TASKS, MEETINGS, ACTIVITIES, MESSAGES = 160, 220, 70, 140, 900


def add_work(scene: Scene) -> None:
    """Add everything people do beside buying and selling."""
    leads = add_leads(scene)
    tasks = add_projects(scene)
    add_meetings(scene)
    targets = [("crm.lead", one) for one in leads] + [("project.task", one) for one in tasks]
    targets += [("res.partner", one) for one in scene.customers] + [
        ("sale.order", one) for one in scene.sale_orders
    ]
    add_activities(scene, targets)
    add_messages(scene, targets)


def add_leads(scene: Scene) -> list[int]:
    """Add opportunities and leads in all stages."""
    dice = scene.dice
    found: list[int] = []
    stages = [scene.batch.ref(f"crm.stage_lead{n}") for n in (1, 2, 3, 4)]
    tags = [scene.batch.ref(f"sales_team.categ_oppor{n}") for n in (1, 2, 3)]
    chances = (10.0, 35.0, 60.0, 100.0)
    for created in scene.moments(LEADS):
        partner = dice.choice([*scene.customers, None])
        name = scene.partner_names[partner] if partner else person(scene)
        place = dice.choices((0, 1, 2, 3), (40, 30, 20, 10))[0]
        lost = place < 3 and dice.random() < 0.1
        chance = 0.0 if lost else chances[place]
        revenue = float(dice.randint(4, 900) * 25)
        found.append(
            scene.batch.add(
                "crm.lead", f"towpath_demo.lead_{len(found) + 1}", name=scene.pick(words.LEADS).format(name), partner_id=partner,
                type="opportunity" if dice.random() < 0.8 else "lead", active=not lost, stage_id=stages[place],
                won_status="won" if place == 3 else "lost" if lost else "pending", user_id=dice.choice([*scene.users, None]),
                team_id="sales_team.team_sales_department", company_id=dice.choice([scene.firms[0].id, scene.firms[1].id, None]),
                expected_revenue=revenue, prorated_revenue=round(revenue * chance / 100, 2), probability=chance,
                automated_probability=chance, priority=dice.choice("0123"), color=0, contact_name=None if partner else name,
                email_from=f"{name.lower().replace(' ', '.').replace('&', 'and')}@letters.example", date_open=created,
                lost_reason_id="crm.lost_reason_1" if lost else None, date_deadline=scene.day(created, 60) if dice.random() < 0.6 else None,
                date_closed=created + timedelta(days=20) if place == 3 or lost else None, date_last_stage_update=created,
                description=f"<p>{scene.pick(words.REMARKS)}</p>" if dice.random() < 0.5 else None,
                tag_ids=dice.sample(tags, dice.randint(0, 2)), city=scene.pick(words.CITIES)[0], recurring_revenue=0, **scene.stamps(created),
            )
        )  # fmt: skip
    return found


def add_projects(scene: Scene) -> list[int]:
    """Add six projects on waterways, their stages, milestones and tasks."""
    batch, dice = scene.batch, scene.dice
    stages = [
        batch.add(
            "project.task.type",
            f"towpath_demo.stage_{place}",
            name=name,
            sequence=place,
            active=True,
            fold=name == "Done",
        )
        for place, name in enumerate(("Planned", "In Hand", "Waiting for Water", "Done"), 1)
    ]
    tags = [
        batch.add("project.tags", name=name, color=place)
        for place, name in enumerate(("Gate", "Bank", "Boat", "Wharf"), 1)
    ]
    projects: list[tuple[int, int]] = []
    found: list[int] = []
    for place, (water, created) in enumerate(
        zip(words.WATERS, scene.moments(len(words.WATERS)), strict=True)
    ):
        stamps = scene.stamps(created)
        project_alias = alias(scene, "project.task")
        project = batch.add(
            "project.project", f"towpath_demo.project_{place + 1}", name=f"Upkeep of {water}", active=True, sequence=10,
            privacy_visibility="employees", user_id=dice.choice(scene.users), company_id=scene.firms[0].id, alias_id=project_alias,
            last_update_status="on_track", label_tasks="Tasks", allow_billable=False, allow_milestones=True, color=place,
            date_start=created.date(), date=(created + timedelta(days=200)).date(), type_ids=stages, tag_ids=dice.sample(tags, 2),
            partner_id=dice.choice(scene.customers), is_template=False, allow_task_dependencies=True, **stamps,
        )  # fmt: skip
        milestone = batch.add(
            "project.milestone",
            name=f"{water} open",
            project_id=project,
            sequence=10,
            is_reached=place < 2,
            **stamps,
        )
        projects.append((project, milestone))
    for created in scene.moments(TASKS):
        project, milestone = dice.choice(projects)
        stage = dice.randrange(4)
        found.append(
            batch.add(
                "project.task", f"towpath_demo.task_{len(found) + 1}", name=scene.pick(words.TASKS), project_id=project, active=True,
                stage_id=stages[stage], state="1_done" if stage == 3 else dice.choice(("01_in_progress", "02_changes_requested", "03_approved")),
                priority=dice.choice("001"), sequence=10, company_id=scene.firms[0].id, user_ids=dice.sample(scene.users, dice.randint(0, 2)),
                tag_ids=dice.sample(tags, dice.randint(0, 2)), date_deadline=created + timedelta(days=dice.randint(5, 60)),
                date_last_stage_update=created, date_assign=created, date_end=created + timedelta(days=30) if stage == 3 else None,
                allocated_hours=float(dice.choice((0, 2, 4, 8, 16))), display_in_project=True, milestone_id=dice.choice([milestone, None]),
                description=f"<p>{scene.pick(words.REMARKS)}</p>", color=0, parent_id=dice.choice(found) if found and dice.random() < 0.1 else None,
                is_template=False, has_template_ancestor=False, recurring_task=False, **scene.stamps(created),
            )
        )  # fmt: skip
    return found


def alias(scene: Scene, model: str) -> int:
    """Add the mail alias a project needs."""
    return scene.batch.add(
        "mail.alias", alias_model_id=f"{model.partition('.')[0]}.model_{model.replace('.', '_')}", alias_contact="everyone",
        alias_defaults="{}", alias_incoming_local=False,
    )  # fmt: skip


def add_meetings(scene: Scene) -> None:
    """Add meetings with one or two attendees."""
    dice = scene.dice
    kinds = [scene.batch.add("calendar.event.type", name=name) for name in ("On the boat", "At the wharf")]
    for created in scene.moments(MEETINGS):
        start = (created + timedelta(days=dice.randint(1, 20))).replace(minute=0, second=0, microsecond=0)
        hours = dice.choice((0.5, 1.0, 2.0))
        guests = dice.sample(scene.customers, dice.randint(1, 2))
        stamps = scene.stamps(created)
        event = scene.batch.add(
            "calendar.event", name=scene.pick(words.LEADS).format(scene.partner_names[guests[0]]), start=start, duration=hours,
            stop=start + timedelta(hours=hours), allday=False, active=True, privacy="public", show_as="busy",
            user_id=dice.choice(scene.users), partner_ids=guests, categ_ids=dice.sample(kinds, 1), location=scene.pick(words.STREETS), **stamps,
        )  # fmt: skip
        for guest in guests:
            scene.batch.add(
                "calendar.attendee", event_id=event, partner_id=guest, common_name=scene.partner_names[guest],
                state=dice.choice(("needsAction", "accepted", "tentative")), availability="busy", **stamps,
            )  # fmt: skip


def add_activities(scene: Scene, targets: list[tuple[str, int]]) -> None:
    """Add things to do about records; all of them are overdue by now."""
    dice = scene.dice
    kinds = [f"mail.mail_activity_data_{one}" for one in ("email", "call", "meeting", "todo")]
    models = {"crm.lead": "crm", "project.task": "project", "res.partner": "base", "sale.order": "sale"}
    for created in scene.moments(ACTIVITIES):
        model, record = dice.choice(targets)
        scene.batch.add(
            "mail.activity", res_model=model, res_model_id=f"{models[model]}.model_{model.replace('.', '_')}", res_id=record,
            activity_type_id=scene.pick(kinds), summary=scene.pick(words.ACTIVITIES), user_id=dice.choice(scene.users), active=True,
            date_deadline=scene.day(created, 30), automated=False, res_name=scene.partner_names.get(record) if model == "res.partner" else None,
            note=f"<p>{scene.pick(words.REMARKS)}</p>" if dice.random() < 0.4 else None, **scene.stamps(created),
        )  # fmt: skip


def add_messages(scene: Scene, targets: list[tuple[str, int]]) -> None:
    """Add notes, comments and followers."""
    dice, batch = scene.dice, scene.batch
    authors: dict[int, int] = {2: batch.ref("base.partner_admin")}
    for login in ("sales", "books", "yard"):
        authors[batch.ref(f"towpath_demo.user_{login}")] = batch.ref(f"towpath_demo.partner_{login}")
    followed: set[tuple[str, int, int]] = set()
    for created in scene.moments(MESSAGES):
        model, record = dice.choice(targets)
        user = dice.choice(scene.users)
        comment = dice.random() < 0.4
        stamps: dict[str, Any] = {
            "create_date": created,
            "write_date": created,
            "create_uid": user,
            "write_uid": user,
        }
        batch.add(
            "mail.message", model=model, res_id=record, body=f"<p>{scene.pick(words.REMARKS)}</p>", date=created.replace(microsecond=0),
            message_type="comment", subtype_id="mail.mt_comment" if comment else "mail.mt_note", author_id=authors[user],
            is_internal=not comment, email_add_signature=True, email_from='"Ninefold" <office@ninefold.example>', reply_to_force_new=False,
            message_id=f"<{batch.next_id('mail.message')}.demo@ninefold.example>", **stamps,
        )  # fmt: skip
        key = (model, record, authors[user])
        if comment and key not in followed:
            followed.add(key)
            batch.add(
                "mail.followers",
                res_model=model,
                res_id=record,
                partner_id=authors[user],
                subtype_ids=["mail.mt_comment"],
            )
