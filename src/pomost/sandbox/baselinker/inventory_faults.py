"""Misbehaviour of the catalogue's methods: batches half done, products gone meanwhile, figures changed by hand."""

from pomost.sandbox.baselinker.faults import Rule, named_products
from pomost.sandbox.baselinker.inventory_desk import PANEL, GoodsDesk
from pomost.sandbox.baselinker.protocol import Json

WHY_SKIPPED = "Product could not be saved, try again later"


class Trouble:
    """What the due faults do to one call of a catalogue's method, before and after it is done."""

    def __init__(self, shop: GoodsDesk, method: str, due: list[Rule]) -> None:
        self._shop, self._method = shop, method
        self._due = [rule for rule in due if rule.touches_products]
        self._told: list[str] = []

    def before(self, sent: Json) -> None:
        """Take products out of the batch, or out of the catalogue."""
        for rule in self._due:
            named = [str(number) for number in named_products(sent)]
            if rule.fault == "product-gone":
                for number in self._victims(rule, named):
                    if self._shop.account.goods.product(int(number)) is not None:
                        self._shop.account.goods.delete([int(number)], PANEL)
            elif rule.fault in ("partial-batch", "silent-partial"):
                skipped = self._victims(rule, named)
                sent["products"] = {k: v for k, v in sent["products"].items() if k not in skipped}
                if rule.fault == "partial-batch":
                    self._told += skipped

    def _victims(self, rule: Rule, named: list[str]) -> list[str]:
        chosen = {str(number) for number in rule.args.get("products", [])}
        if chosen:
            return [number for number in named if number in chosen]
        return rule.chance.sample(named, min(len(named), int(rule.args.get("count", 1))))

    def after(self, sent: Json, answer: Json) -> None:
        if self._told:
            told = answer["warnings"] or {}
            answer["warnings"] = told | dict.fromkeys(self._told, WHY_SKIPPED)
        for rule in self._due:
            if rule.fault == "stock-drift":
                self._shop.drift(
                    self._in_reach(rule, sent, answer), int(rule.args.get("by", -1)), rule.chance
                )
            elif rule.fault == "shifting-page" and answer.get("products"):
                if rule.args.get("how", "added") == "deleted":
                    self._shop.account.goods.delete([int(next(iter(answer["products"])))], PANEL)
                else:
                    self._shop.slip_product_in(sent["inventory_id"])

    def _in_reach(self, rule: Rule, sent: Json, answer: Json) -> list[int]:
        """The products whose figures may drift: the wished ones, those of the call, else any."""
        if rule.args.get("products"):
            return [int(number) for number in rule.args["products"]]
        named = named_products(sent)
        if not named and isinstance(answer.get("products"), dict):
            named = [int(number) for number in answer["products"]]
        return named or self._shop.products()[:1000]
