"""WooCommerce passes what every sales channel has to pass, as far as a shop can do it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from pomost.connectors.woocommerce import Settings, WooCommerceChannel
from pomost.ports import FileToSend, InDoubt, NeedsPerson, SalesChannel, WriteBack
from pomost.sandbox.woocommerce import Settings as ShopSettings
from pomost.sandbox.woocommerce import Shop as Sandbox
from tests.connectors.channel_conformance import PDF, ChannelConformance, Shop


class NoLimit:
    def acquire(self, priority: int) -> None:
        pass

    def block(self, until: datetime) -> None:
        pass


class WooShop:
    statuses = ("processing", "completed")
    text_field = "_erp_invoice_no"
    file_field = ""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._wrong: list[WooCommerceChannel] = []

    def join(self, **wanted: Any) -> WooCommerceChannel:
        keys = {"key": self._sandbox.key, "secret": self._sandbox.secret, **wanted}
        return WooCommerceChannel(Settings("sklep", self._sandbox.url, no_tax_rate="23", **keys), NoLimit())

    def order(self, count: int = 1) -> list[str]:
        return [str(one) for one in self._sandbox.place(count, payment="payu", paid=True)]

    def order_between_pages(self) -> str:
        """A slow request of the shop: it took its stamp before and is written down now."""
        order = self._sandbox.place(1, payment="payu", paid=True)[0]
        row = self._sandbox.store.orders[order]
        with self._sandbox.store.lock:
            row["status"], row["modified"] = "auto-draft", row["modified"] - 30
        before = self._sandbox.call_made

        def seen(call: Any) -> None:
            before(call)
            if call.path.endswith("/orders") and row["status"] == "auto-draft":
                row["status"] = "processing"

        self._sandbox.call_made = seen  # type: ignore[method-assign]
        return str(order)

    def move(self, external_id: str, status: str) -> None:
        self._sandbox.set_status(int(external_id), status)

    def delete(self, external_id: str) -> None:
        self._sandbox.trash(int(external_id))

    def spoil(self, external_id: str) -> None:
        """A plugin puts an amount where no part of the order holds it."""
        with self._sandbox.store.lock:
            self._sandbox.store.orders[int(external_id)]["sums"]["total"] += Decimal(7)

    def status_of(self, external_id: str) -> str:
        return str(self._sandbox.order(int(external_id))["status"])

    def text_of(self, external_id: str) -> str:
        meta = self._sandbox.order(int(external_id))["meta_data"]
        return next((str(one["value"]) for one in meta if one["key"] == self.text_field), "")

    def file_of(self, external_id: str) -> bytes | None:
        return None

    def give_back(self, external_id: str) -> str:
        return f"{external_id}-{self._sandbox.refund(int(external_id))}"

    def writes_to(self, external_id: str) -> int:
        return len([one for one in self._sandbox.writes if (one.what, one.id) == ("order", int(external_id))])

    def answer_with_html(self, times: int, method: str | None = None) -> None:
        self._sandbox.misbehave("html-200", times=times, method=method)

    def lose_next_answer(self) -> None:
        self._sandbox.misbehave("cut-after", method="PUT")

    def with_wrong_token(self) -> WooCommerceChannel:
        self._wrong.append(self.join(key="WRONG-TOKEN-1234567890"))
        return self._wrong[-1]

    def close(self) -> None:
        for one in self._wrong:
            one.close()


class TestWooCommerce(ChannelConformance):
    @pytest.fixture
    def shop(self) -> Iterator[WooShop]:
        with Sandbox(ShopSettings(catalogue="shared"), seed=0) as running:
            made = WooShop(running)
            yield made
            made.close()

    @pytest.fixture
    def channel(self, shop: WooShop) -> Iterator[WooCommerceChannel]:
        made = shop.join()
        yield made
        made.close()

    # what a shop is not, or does otherwise

    def test_a_repeated_write_is_harmless_and_can_be_asked_for(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        order_id = shop.order(1)[0]
        what = WriteBack(order_id, "k-1", {shop.text_field: "FS 1/2026"})
        assert not channel.is_written(what)
        channel.write(what)
        channel.write(what)
        assert channel.is_written(what)
        assert (shop.text_of(order_id), shop.writes_to(order_id)) == ("FS 1/2026", 1)

    def test_a_web_page_instead_of_an_answer_to_a_write_leaves_doubt(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        order_id = shop.order(1)[0]
        what = WriteBack(order_id, "k-3", {shop.text_field: "FS 3/2026"})
        assert isinstance(shop, WooShop)
        shop.answer_with_html(1, "PUT")
        with pytest.raises(InDoubt):
            channel.write(what)
        assert not channel.is_written(what)

    def test_an_unknown_field_is_refused_with_those_that_there_are(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        """Any field is one: it becomes meta of the order."""
        order_id = shop.order(1)[0]
        channel.write(WriteBack(order_id, "k-4", {"no such field": "x"}))
        assert channel.is_written(WriteBack(order_id, "k-4", {"no such field": "x"}))

    @pytest.mark.parametrize("content", [PDF, b"<html>"], ids=["PDF", "HTML"])
    def test_a_file_that_is_no_pdf_is_refused(
        self, channel: SalesChannel, shop: Shop, content: bytes
    ) -> None:
        """A shop takes no file at all."""
        order_id = shop.order(1)[0]
        with pytest.raises(NeedsPerson):
            channel.write(WriteBack(order_id, "k-5", {}, FileToSend("x.pdf", content), "PDF"))
        assert shop.writes_to(order_id) == 0

    def test_words_that_do_not_exist_are_named(self, channel: SalesChannel, shop: Shop) -> None:
        assert channel.check_words(shop.statuses, [shop.text_field]) == []
        [message] = channel.check_words(["no such status"], ["no such field"])
        assert "no such status" in message
