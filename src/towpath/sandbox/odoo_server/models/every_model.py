"""Public methods of every model beyond the basic ones: grouping, import and export, and the web client's calls."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.ir_default import chosen
from towpath.sandbox.odoo_server.orm import (
    access,
    export,
    external_ids,
    group_formatted,
    group_rows,
    load,
    onchange,
    panel,
    web,
)
from towpath.sandbox.odoo_server.orm.domain_text import normal
from towpath.sandbox.odoo_server.orm.group import grouped
from towpath.sandbox.odoo_server.orm.read import checked_names
from towpath.sandbox.odoo_server.records import Records, model, private, returns, versions

__all__ = ["Base", "BaseModel"]


class BaseModel(Records, when=lambda _model: True):
    """What Odoo's own base class offers besides the basic methods."""

    def _recompute(self, changed: set[str]) -> None:
        """Refresh custom fields that are computed and stored."""
        super()._recompute(changed)
        for (owner, name), depends in list(self.env.registry.computed.items()):
            if owner == self._name and depends & changed:
                values = getattr(self.sudo(), f"_compute_{name}")()
                self._store({one: {name: value} for one, value in values.items()}, touch=False)

    @model
    @versions("17.0", name="default_get")
    def _default_get_17(self, fields_list: Any) -> dict[str, Any]:
        """Default values of some fields."""
        return self._with_chosen(super().default_get(fields_list), fields_list)

    @model
    @versions("19.0", name="default_get")
    def _default_get_19(self, fields: Any) -> dict[str, Any]:
        """Default values of some fields."""
        return self._with_chosen(super().default_get(fields), fields)

    def _with_chosen(self, found: dict[str, Any], names: Any) -> dict[str, Any]:
        """Defaults that people chose go before the model's own, but not before the context's."""
        return found | {
            name: value
            for name, value in chosen(self.env, self._name).items()
            if name in names and name in self._model.fields and f"default_{name}" not in self.env.context
        }

    @versions("17.0", name="read")
    def _read_17(self, fields: Any = None, load: Any = "_classic_read") -> list[dict[str, Any]]:
        """One dictionary per record; a custom relation without a target cannot be read."""
        self._refuse_incomplete(fields)
        return super().read(fields, load)

    def _refuse_incomplete(self, fields: Any) -> None:
        broken = self.env.registry.incomplete.get(self._name)
        if broken and any(
            one in broken and one in self._model.fields for one in (fields or self._model.fields)
        ):
            raise AttributeError("'_unknown' object has no attribute 'id'")

    @model
    @private
    @returns("ids")
    def search_fetch(
        self, domain: Any, field_names: Any, offset: Any = 0, limit: Any = None, order: Any = None
    ) -> Any:
        """The records that fulfil a domain (what they hold is fetched when it is read)."""
        checked_names(self, field_names)
        return self.search(domain, offset=offset, limit=limit, order=order)

    @model
    def read_group(
        self,
        domain: Any,
        fields: Any,
        groupby: Any,
        offset: Any = 0,
        limit: Any = None,
        orderby: Any = False,
        lazy: bool = True,
    ) -> list[dict[str, Any]]:
        """Groups with totals; only the first grouping unless ``lazy`` is false."""
        return group_rows.read_group(self, domain, fields, groupby, offset, limit, orderby, lazy=lazy)

    @model
    def load(self, fields: Any, data: Any) -> dict[str, Any]:
        """Import rows of text; nothing is kept when one is refused."""
        return load.load(self, fields, data)

    def export_data(self, fields_to_export: Any) -> dict[str, Any]:
        """Rows of cells for these records."""
        if not (
            self.env.su
            or self.env.user.has_group_of("base.group_allow_export")
            or self.env.user.has_group_of("base.group_system")
        ):
            raise UserError("You don't have the rights to export data. Please contact an Administrator.")
        return {"datas": export.export_rows(self, [export.path(text) for text in fields_to_export])}

    def get_external_id(self) -> dict[int, str]:
        """One external id per record, "" for those without."""
        known = external_ids.of_records(self.env.sudo(), self._name, self.ids)
        return {one: known.get(one, "") for one in self.ids}

    def get_metadata(self) -> list[dict[str, Any]]:
        """Who made and last changed these records, and their external ids."""
        known = external_ids.lookup_records(self.env, self._name, self.ids)
        stamps = ["create_uid", "create_date", "write_uid", "write_date"]
        rows = self.read([name for name in stamps if name in self._model.fields])
        found = []
        for row in rows:
            ids = known.get(row["id"], [])
            found.append(
                {
                    **row,
                    "xmlid": ids[0]["xmlid"] if ids else False,
                    "xmlids": ids,
                    "noupdate": ids[0]["noupdate"] if ids else False,
                }
            )
        return found


class Base(Records, when=lambda _model: True):
    """What the web client's module adds to every model."""

    @model
    @versions("19.0")
    def formatted_read_group(
        self,
        domain: Any,
        groupby: Any = (),
        aggregates: Any = (),
        having: Any = (),
        offset: Any = 0,
        limit: Any = None,
        order: Any = None,
    ) -> list[dict[str, Any]]:
        """Groups with labels, the domain each adds, and totals by ``field:function``."""
        return group_formatted.formatted(self, domain, groupby, aggregates, having, offset, limit, order)

    @model
    @versions("19.0")
    def formatted_read_grouping_sets(
        self, domain: Any, grouping_sets: Any, aggregates: Any = (), *, order: Any = None
    ) -> list[list[dict[str, Any]]]:
        """``formatted_read_group`` for several lists of groupings at once."""
        found = []
        for groupby in grouping_sets:
            known = {*groupby, *aggregates}
            terms = [term for term in (order or "").split(",") if term.strip().split(" ")[0] in known]
            found.append(
                self.formatted_read_group(domain, groupby, aggregates, order=",".join(terms) or None)
            )
        return found

    @model
    @versions("17.0", name="web_read_group")
    def _web_read_group_17(
        self,
        domain: Any,
        fields: Any,
        groupby: Any,
        limit: Any = None,
        offset: Any = 0,
        orderby: Any = False,
        lazy: bool = True,
    ) -> dict[str, Any]:
        """``read_group`` with the number of groups there are."""
        groups = self.read_group(
            domain, fields, groupby, offset=offset, limit=limit, orderby=orderby, lazy=lazy
        )
        total = len(groups) + (offset or 0) if groups else 0
        if groups and limit and len(groups) == limit:
            total += len(self.read_group(domain, [], groupby, offset=total, lazy=lazy))
        return {"groups": groups, "length": total}

    @model
    @versions("19.0", name="web_read_group")
    def _web_read_group_19(
        self,
        domain: Any,
        groupby: Any,
        aggregates: Any = (),
        limit: Any = None,
        offset: Any = 0,
        order: Any = None,
        *,
        auto_unfold: bool = False,
        opening_info: Any = None,
        unfold_read_specification: Any = None,
        unfold_read_default_limit: Any = 80,
        groupby_read_specification: Any = None,
    ) -> dict[str, Any]:
        """Groups of the first grouping with their number; unfolded ones carry their records or sub-groups."""
        by = [groupby] if isinstance(groupby, str) else list(groupby)
        totals = list(dict.fromkeys([*aggregates, "__count"]))
        groups = self.formatted_read_group(domain, by[:1], totals, offset=offset, limit=limit, order=order)
        total = len(groups) + (offset or 0) if groups else 0
        if groups and limit and len(groups) == limit:
            total += len(grouped(self, domain, by[:1], [], (), total).rows)
        opened = {_plain(one["value"]): one for one in opening_info or ()}
        for place, group in enumerate(groups):
            info = opened.get(_plain(group[by[0]]))
            unfold = not info.get("folded") if info else auto_unfold and place < AUTOMATIC
            if groupby_read_specification and by[0] in groupby_read_specification and group[by[0]]:
                link = self.env[self._model.fields[by[0]].relation].browse(group[by[0]][0])
                group["__values"] = (link.web_read(groupby_read_specification[by[0]]) or [{"id": False}])[0]
            if not unfold:
                continue
            inner = [*group["__extra_domain"]]
            narrowed = ["&", *normal(domain), *inner] if domain else inner
            if len(by) > 1:
                group["__groups"] = self.web_read_group(
                    narrowed,
                    by[1:],
                    aggregates,
                    limit=(info or {}).get("limit"),
                    offset=(info or {}).get("offset", 0),
                    opening_info=(info or {}).get("groups"),
                    auto_unfold=auto_unfold,
                    unfold_read_specification=unfold_read_specification,
                    unfold_read_default_limit=unfold_read_default_limit,
                    groupby_read_specification=groupby_read_specification,
                )
            elif unfold_read_specification is not None:
                found = self.search(
                    narrowed,
                    limit=(info or {}).get("limit", unfold_read_default_limit),
                    offset=(info or {}).get("offset", 0),
                )
                group["__records"] = found.web_read(unfold_read_specification)
        return {"groups": groups, "length": total}

    @model
    def read_progress_bar(self, domain: Any, group_by: str, progress_bar: Any) -> dict[str, dict[str, int]]:
        """How many records of each group have each colour of a progress bar."""
        name, colors = progress_bar["field"], progress_bar["colors"]
        found: dict[str, dict[str, int]] = {}
        if self.env.is19:
            rows = self.formatted_read_group(domain, [group_by, name], ["__count"])
        else:
            rows = self.read_group(domain, [], [group_by, name], lazy=False)
        for row in rows:
            value = row[group_by]
            if isinstance(value, list | tuple):
                value = value[0] if self.env.is19 else value[1]
            counts = found.setdefault(str(value), dict.fromkeys(colors, 0))
            if row[name] in colors:
                counts[row[name]] += row["__count"]
        return found

    @model
    def web_search_read(
        self,
        domain: Any,
        specification: Any,
        offset: Any = 0,
        limit: Any = None,
        order: Any = None,
        count_limit: Any = None,
    ) -> dict[str, Any]:
        """A page of records in the web client's form, with how many there are."""
        return web.web_search_read(self, domain, specification, offset, limit, order, count_limit)

    def web_read(self, specification: Any) -> list[dict[str, Any]]:
        """These records in the web client's form."""
        return web.web_read(self, specification)

    def web_save(self, vals: Any, specification: Any, next_id: Any = None) -> list[dict[str, Any]]:
        """Create a record or change these, and read it back (or the one to show next)."""
        records: Any = self
        if self.ids:
            self.write(vals)
        else:
            records = self.create(vals)
        if next_id:
            records = self.browse(next_id)
        found: list[dict[str, Any]] = records.with_context(bin_size=True).web_read(specification)
        return found

    @versions("19.0")
    def web_save_multi(self, vals_list: Any, specification: Any) -> list[dict[str, Any]]:
        """Change each of these records by values of its own, and read them back."""
        for one, vals in zip(self, vals_list, strict=True):
            one.write(vals)
        found: list[dict[str, Any]] = self.with_context(bin_size=True).web_read(specification)
        return found

    @model
    @versions("19.0")
    def web_name_search(
        self, name: Any, specification: Any, domain: Any = None, operator: str = "ilike", limit: Any = 100
    ) -> list[dict[str, Any]]:
        """``name_search`` with further fields of what it finds."""
        pairs = self.name_search(name, domain, operator, limit)
        if set(specification) <= {"display_name", "id"}:
            return [
                {"id": one, "display_name": label, "__formatted_display_name": label} for one, label in pairs
            ]
        labels = dict(pairs)
        rows = self.browse([one for one, _label in pairs]).web_read(specification)
        return [{**row, "__formatted_display_name": labels[row["id"]]} for row in rows]

    @model
    def search_panel_select_range(self, field_name: str, **kwargs: Any) -> dict[str, Any]:
        """The choices of a category of the search panel."""
        return panel.select_range(self, field_name, kwargs, multiple=False)

    @model
    def search_panel_select_multi_range(self, field_name: str, **kwargs: Any) -> dict[str, Any]:
        """The choices of a filter of the search panel."""
        return panel.select_range(self, field_name, kwargs, multiple=True)

    def onchange(self, values: Any, field_names: Any, fields_spec: Any) -> dict[str, Any]:
        """The values of a new form, or what follows when fields of a form are changed."""
        if any(name not in self._model.fields for name in field_names):
            return {}
        if field_names:
            access.check_model(self.env, self._model, "write" if self.ids else "create")
            return {"value": onchange.changed_values(self, values, field_names, fields_spec)}
        return {"value": panel.new_values(self, values or {}, fields_spec)}

    @versions("19.0")
    def web_resequence(self, specification: Any, field_name: str = "sequence", offset: int = 0) -> Any:
        """Number these records in the order given."""
        for place, one in enumerate(self):
            one.write({field_name: place + offset})
        return self.web_read(specification)

    def web_override_translations(self, values: Any) -> None:
        """Set translated fields to one text in all languages."""
        for name, text in values.items():
            field = self._model.fields.get(name)
            if field is not None and field.translate:
                self.with_context(lang="en_US").write({name: text})


AUTOMATIC = 10
"""How many groups are unfolded when a view unfolds by itself."""


def _plain(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) else value
