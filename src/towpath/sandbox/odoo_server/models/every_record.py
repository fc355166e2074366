"""Further public methods of every model: translations, the form of a record, definitions of properties."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.orm import access, field_access, group_properties
from towpath.sandbox.odoo_server.orm.write import check
from towpath.sandbox.odoo_server.records import Records, model, versions

__all__ = ["BaseLanguageInstall", "BaseModel", "ResLang"]


VIEWS = frozenset(
    {"form", "list", "tree", "kanban", "search", "graph", "pivot", "calendar", "activity", "qweb"}
)
"""Kinds of views any model can be shown in."""


class BaseModel(Records, when=lambda _model: True):
    """What Odoo's own base class offers besides the basic methods."""

    def get_field_translations(self, field_name: str, langs: Any = None) -> Any:
        """(texts of a field by language, what kind of texts they are)."""
        self._one()
        check(self, "read")
        field = self._model.fields[field_name]
        kind = {
            "translation_type": "text" if field.type in {"text", "html"} else "char",
            "translation_show_source": False,
        }
        if not field.translate:
            return [], kind
        chosen = langs or [code for code, _name in self.env["res.lang"].get_installed()]
        source = self.with_context(lang="en_US")[field_name]
        texts = [
            {"lang": one, "source": source, "value": self.with_context(lang=one)[field_name]}
            for one in chosen
        ]
        return texts, kind

    def update_field_translations(self, field_name: str, translations: Any, source_lang: str = "") -> bool:
        """Set the texts of a translated field: ``{language: text}``, False takes a translation away.

        Raises:
            UserError: for a language that is not active.
        """
        field = self._model.fields[field_name]
        check(self, "write")
        if not field.translate or not isinstance(translations, Mapping):
            return False
        active = {code for code, _name in self.env["res.lang"].get_installed()}
        missing = sorted(set(translations) - active)
        if missing:
            raise UserError(f"The following languages are not activated: {', '.join(missing)}")
        for code, text in translations.items():
            if isinstance(text, Mapping):
                source = str(self.with_context(lang=source_lang or "en_US")[field_name] or "")
                for old, new in text.items():
                    source = source.replace(old, new)
                self.with_context(lang=code).write({field_name: source})
            elif text is False and code != "en_US":
                self.env.cr.execute(
                    f'UPDATE "{self._model.table}" SET "{field_name}" = "{field_name}" - %s WHERE id = ANY(%s)',
                    [code, list(self.ids)],
                )
                self.env.forget(self._name)
            else:
                self.with_context(lang=code).write({field_name: text})
        return True

    def get_base_url(self) -> str:
        """The address of the server as its links show it."""
        row = self.env.cr.execute(
            "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'"
        ).fetchone()
        return str(row[0]) if row and row[0] else "http://localhost:8069"

    @versions("17.0")
    def check_field_access_rights(self, operation: str, field_names: Any) -> Any:
        """The fields as given if the caller may use them all; without names those it may use.

        Raises:
            AccessError: naming the fields that it may not use.
        """
        if not field_names:
            return [
                name for name, field in self._model.fields.items() if field_access.allowed(self.env, field)
            ]
        field_access.check(self.env, self._model, field_names, operation)
        return field_names

    @model
    @versions("17.0")
    def user_has_groups(self, groups: str) -> bool:
        """Whether the caller is in one of some groups, and in none of those with ``!``."""
        named = [one.strip() for one in groups.split(",")]
        if any(access.in_group(self.env, one[1:]) for one in named if one.startswith("!")):
            return False
        wanted = [one for one in named if not one.startswith("!")]
        return not wanted or any(access.in_group(self.env, one) for one in wanted)

    def get_formview_id(self, access_uid: Any = None) -> Any:
        """The view a record is shown in; False for the usual one."""
        if access_uid:
            check(self.with_user(access_uid), "read")
        return False

    @model
    def get_view(self, view_id: Any = None, view_type: str = "form", **options: Any) -> dict[str, Any]:
        """A plain view of the naming field, with the fields it shows."""
        check(self, "read")
        if view_type not in VIEWS:
            raise UserError(f"No default view of type '{view_type}' could be found!")
        name = self._model.rec_name or "id"
        tag = {"list": "list" if self.env.is19 else "tree"}.get(view_type, view_type)
        arch = f'<{tag} string="{escape(self._model.description)}"><field name="{name}"/></{tag}>'
        return {
            "id": view_id or False,
            "arch": arch,
            "model": self._name,
            "models": {self._name: [name]},
            **options,
        }

    @model
    def get_views(self, views: Any, options: Any = None) -> dict[str, Any]:
        """Several views at once, and the descriptions of the models they show."""
        options = options or {}
        shown = {}
        for view_id, kind in views:
            view = self.get_view(view_id or None, kind)
            shown[kind] = {key: view[key] for key in ("arch", "id", "model")}
            if options.get("toolbar"):
                shown[kind]["toolbar"] = {}
            if options.get("load_filters") and kind == "search":
                shown[kind]["filters"] = self.env["ir.filters"].get_filters(
                    self._name, options.get("action_id")
                )
        fields = self.fields_get()
        return {"views": shown, "models": {self._name: {"fields": fields} if self.env.is19 else fields}}

    def get_formview_action(self, access_uid: Any = None) -> dict[str, Any]:
        """The action that opens a record."""
        self._one()
        action = {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "view_mode": "form",
            "views": [[self.get_formview_id(access_uid=access_uid), "form"]],
            "target": "current",
            "res_id": self.id,
            "context": dict(self.env.context),
        }
        return action if self.env.is19 else {**action, "view_type": "form"}

    def get_access_action(self, access_uid: Any = None, force_website: bool = False) -> dict[str, Any]:  # noqa: ARG002 - without a website every record opens in its form
        """The action by which a link opens a record."""
        action: dict[str, Any] = self[:1].get_formview_action(access_uid=access_uid)
        return action

    @model
    def get_empty_list_help(self, help_message: Any) -> Any:
        """What an empty list says."""
        return help_message

    @model
    def get_property_definition(self, full_name: str) -> dict[str, Any]:
        """The definition of a property, ``field.property``; empty when there is none."""
        name, _, key = full_name.partition(".")
        field = self._model.fields[name]
        check(self, "read")
        return group_properties.definition(self.env, field, key)


class ResLang(Records, model="res.lang"):
    """A language."""

    @model
    def get_installed(self) -> list[tuple[str, str]]:
        """(code, name) of the active languages, by name."""
        rows = self.env.cr.execute("SELECT code, name FROM res_lang WHERE active ORDER BY name").fetchall()
        return [(str(code), str(name)) for code, name in rows]

    def write(self, vals: Any) -> bool:
        """Change languages; one that people use stays active."""
        if vals.get("active") is False:
            for one in self:
                used = self.env.sudo()["res.users"].search_count([("lang", "=", one["code"])])
                if one["code"] == "en_US" or used:
                    raise UserError("Cannot deactivate a language that is currently used by users.")
        done = super().write(vals)
        self.env.transaction.memory.pop("langs", None)
        return done


class BaseLanguageInstall(Records, model="base.language.install"):
    """The wizard that adds languages."""

    def lang_install(self) -> Any:
        """Activate the chosen languages."""
        self._one()
        chosen = self.sudo()["lang_ids"]
        chosen.write({"active": True})
        return {"type": "ir.actions.client", "tag": "reload"} if len(chosen) == 1 else False
