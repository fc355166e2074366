# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Products: every template has a variant, codes and prices are the same on both."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, model, returns

ON_VARIANT = ("default_code", "barcode", "weight", "volume", "standard_price")
"""Fields a template passes on to its only variant."""


class ProductTemplate(Records, model="product.template"):
    """A product as catalogues list it."""

    _odoo_class = "ProductTemplate"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make templates, each with one variant unless the variant is being made itself."""
        prepared = [self._prepared(vals) for vals in vals_rows(vals_list)]
        own = [
            {key: value for key, value in vals.items() if key not in {"barcode", "standard_price"}}
            for vals in prepared
        ]
        templates = super().create(own)
        if self.env.context.get("create_product_product", True):
            variants = self.env["product.product"].with_context(create_product_product=False)
            for template, vals in zip(templates, prepared, strict=True):
                if template.with_context(active_test=False).product_variant_ids:
                    continue  # attribute lines have made them
                passed = {name: vals[name] for name in ON_VARIANT if vals.get(name)}
                variants.create([{"product_tmpl_id": template.id, "active": template.active, **passed}])
        return templates

    def _prepared(self, vals: Any) -> Any:
        if not hasattr(vals, "get"):
            return vals
        vals = dict(vals)
        env = self.env
        if not env.is19:
            if "type" in vals and "detailed_type" not in vals:
                vals["detailed_type"] = vals["type"]
            kind = vals.get("detailed_type", "consu")
            known = self._model.fields["detailed_type"].selection or frozenset()
            if kind not in known:
                raise ValueError(f"Wrong value for product.template.detailed_type: {kind!r}")
            vals["type"] = kind
        vals.setdefault("categ_id", self._first("product.category"))
        unit = env.ref("uom.product_uom_unit", raise_if_not_found=False)
        vals.setdefault("uom_id", unit.id if unit is not None else False)
        if "uom_po_id" in self._model.fields:
            vals.setdefault("uom_po_id", vals["uom_id"])
        company = env.company.sudo()
        if "taxes_id" not in vals:
            vals["taxes_id"] = [(6, 0, list(company.account_sale_tax_id.ids))]
        if "supplier_taxes_id" not in vals:
            vals["supplier_taxes_id"] = [(6, 0, list(company.account_purchase_tax_id.ids))]
        plain = {
            "tracking": "none",
            "service_tracking": "no",
            "invoice_policy": "order",
            "expense_policy": "no",
            "service_type": "manual",
            "purchase_method": "receive",
            "sale_line_warn": "no-message",
            "purchase_line_warn": "no-message",
        }
        for name, value in plain.items():
            if name in self._model.fields:
                vals.setdefault(name, value)
        return vals

    def _first(self, name: str) -> Any:
        """The category new products get."""
        if self.env.is19 and name == "product.category":
            return False
        found = self.env.sudo()[name].search([], limit=1, order="id")
        return found.id

    def write(self, vals: Any) -> bool:
        """Change templates; what lives on the variant is passed on to it."""
        if hasattr(vals, "get") and not self.env.is19:
            vals = dict(vals)
            if "type" in vals and "detailed_type" not in vals:
                vals["detailed_type"] = vals["type"]
            if "detailed_type" in vals:
                vals["type"] = vals["detailed_type"]
        done = super().write(vals)
        passed = {name: vals[name] for name in ON_VARIANT if name in vals}
        for template in self:
            variants = template.with_context(active_test=False).product_variant_ids
            if passed and len(variants) == 1:
                variants.write(passed)
            if "active" in vals and variants:
                variants.with_context(active_test=False).filtered(
                    lambda one: one.active != vals["active"]
                )._put({"active": bool(vals["active"])})
        return done

    def _display_names(self) -> dict[int, Any]:
        return {
            one.id: f"[{one.default_code}] {one.name}" if one.default_code else one.name or ""
            for one in self.sudo().exists()
        }

    def _variant_values(self, name: str) -> dict[int, Any]:
        found = {}
        for one in self:
            variants = one.with_context(active_test=False).product_variant_ids
            found[one.id] = variants[name] if len(variants) == 1 else False
        return found

    def _compute_standard_price(self) -> dict[int, Any]:
        return {one: value or 0.0 for one, value in self._variant_values("standard_price").items()}

    def _compute_barcode(self) -> dict[int, Any]:
        return self._variant_values("barcode")

    def _search_barcode(self, operator: str, value: Any) -> list[Any]:
        return [("product_variant_ids.barcode", operator, value)]

    def _search_standard_price(self, operator: str, value: Any) -> list[Any]:
        return [("product_variant_ids.standard_price", operator, value)]

    def _compute_product_variant_id(self) -> dict[int, Any]:
        return {one.id: one.product_variant_ids[:1] for one in self}

    def _compute_product_variant_count(self) -> dict[int, Any]:
        return {one.id: len(one.product_variant_ids) for one in self}

    def _compute_currency_id(self) -> dict[int, Any]:
        return {one.id: (one.company_id or self.env.company).sudo().currency_id for one in self}

    def _compute_cost_currency_id(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, self.env.company.currency_id)

    def _compute_is_product_variant(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, False)


class ProductProduct(Records, model="product.product"):
    """A variant: what is bought, sold and kept in stock."""

    _odoo_class = "ProductProduct"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make variants, each with its template unless one is named."""
        products = super(ProductProduct, self.with_context(create_product_product=False)).create(
            vals_rows(vals_list)
        )
        products = products._with_env(self.env)
        products._pass_up()
        return products

    def write(self, vals: Any) -> bool:
        """Change variants; a template with one variant shows its code and weight."""
        done = super().write(vals)
        if {"default_code", "weight", "volume"} & set(vals):
            self._pass_up()
        return done

    def _pass_up(self) -> None:
        for product in self.sudo():
            template = product.product_tmpl_id
            if len(template.with_context(active_test=False).product_variant_ids) == 1:
                template._store(
                    {template.id: {name: product[name] for name in ("default_code", "weight", "volume")}},
                    touch=False,
                )

    def unlink(self) -> bool:
        """Delete variants; a template without variants goes too."""
        templates = self.sudo().mapped("product_tmpl_id")
        done = super().unlink()
        bare = templates.exists().filtered(
            lambda one: not one.with_context(active_test=False).product_variant_ids
        )
        if bare:
            bare.unlink()
        return done

    def _display_names(self) -> dict[int, Any]:
        names: dict[int, Any] = {}
        for one in self.sudo().exists():
            name = one.name or ""
            values = ", ".join(value.name or "" for value in one.product_template_attribute_value_ids)
            if values:
                name = f"{name} ({values})"
            names[one.id] = f"[{one.default_code}] {name}" if one.default_code else name
        return names

    def _search_display_name(self, operator: str, value: Any) -> list[Any]:
        if operator in {"not ilike", "not like", "!=", "not in"}:
            return [("name", operator, value), ("default_code", operator, value)]
        return [
            "|",
            "|",
            ("default_code", operator, value),
            ("name", operator, value),
            ("barcode", operator, value),
        ]

    def _compute_lst_price(self) -> dict[int, Any]:
        return {one.id: one.list_price for one in self}

    def _inverse_lst_price(self, value: Any) -> None:
        self.write({"list_price": value})

    def _compute_price_extra(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, 0.0)

    def _compute_is_product_variant(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, True)

    def _compute_code(self) -> dict[int, Any]:
        return {one.id: one.default_code for one in self}


class ProductCategory(Records, model="product.category"):
    """A category of products; its complete name is the path of names."""

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if changed & {"name", "parent_id"}:
            todo = self.sudo()
            while todo:
                todo._store(
                    {
                        one.id: {
                            "complete_name": f"{one.parent_id.complete_name} / {one.name}"
                            if one.parent_id
                            else one.name
                        }
                        for one in todo
                    }
                )
                todo = todo.mapped("child_id")


class ResLang(Records, model="res.lang"):
    """A language."""

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make languages; the code in addresses follows from the code."""
        rows = []
        for vals in vals_rows(vals_list):
            one = dict(vals)
            if one.get("code"):
                one.setdefault("iso_code", str(one["code"])[:2])
                one.setdefault("url_code", one["code"])
            rows.append(one)
        return super().create(rows)
