"""A Pomost that runs, and what its operator asks and decides meanwhile, each command in a process of its own."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from pomost.ledger.ledger import Ledger, open_ledger
from pomost.ports import InDoubt
from pomost.sandbox.baselinker import RemoteSandbox
from pomost.store.steps import Intention
from pomost.store.store import open_store
from tests.cli.conftest import Desk, until


def ledger_of(desk: Desk) -> Ledger:
    return open_ledger(f"sqlite:///{desk.folder / 'ledger.db'}")


def kinds(desk: Desk, order: int) -> list[str]:
    ledger = ledger_of(desk)
    try:
        return [document.kind for document in ledger.documents(foreign_number=str(order))]
    finally:
        ledger.close()


def begin(desk: Desk, language: str = "en") -> RemoteSandbox:
    """A shop without orders, its file, and goods in the ledger."""
    shop = desk.sandbox("--orders", "0")
    desk.write(shop, language=language)
    desk.stock_up()
    return shop


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_serve_works_shows_how_it_stands_and_ends_cleanly(number: int, desk: Desk) -> None:
    shop = begin(desk)
    order = shop.place(paid=True)[0]

    serving = desk.start("serve")
    until(lambda: shop.order(order)["status"] == "W realizacji", tell=lambda: serving.poll())
    until(lambda: json.loads(desk.get("/health"))["cases"] == {"waiting": 1})
    health, page = json.loads(desk.get("/health")), desk.get("/")
    taken = desk.run("serve")
    code, said = desk.end(serving, number)

    assert health["status"] == "ok"
    assert [source["name"] for source in health["sources"]] == ["baselinker"]
    assert "<h1>" in page
    assert f"http://127.0.0.1:{desk.port}/" in said
    assert (code, "Traceback" in said) == (0, False), said
    assert desk.get("/health") == ""
    assert taken.returncode == 2
    assert f"Port {desk.port}" in taken.stdout
    assert kinds(desk, order) == ["RO"]


def test_work_under_way_is_finished_at_the_end(desk: Desk) -> None:
    shop = begin(desk)
    serving = desk.start("serve")
    until(lambda: desk.get("/health") != "")
    shop.configure(delay_s=1.0)
    order = shop.place(paid=True)[0]
    until(lambda: kinds(desk, order) == ["RO"])

    code, said = desk.end(serving, signal.SIGTERM)

    assert code == 0, said
    assert shop.order(order)["status"] == "W realizacji"


def test_explain_and_status_say_what_was_done_what_it_waits_for_and_why(desk: Desk) -> None:
    shop = begin(desk)
    good = shop.place(paid=True)[0]
    strange = shop.place(lines=[{"sku": "NOWY-1", "quantity": 1, "price_brutto": 10}], paid=True)[0]
    serving = desk.start("serve")
    until(lambda: shop.order(good)["status"] == "W realizacji")
    until(lambda: "ledger.unknown-item" in desk.run("explain", str(strange)).stdout)

    told = desk.run("explain", str(good)).stdout
    waits = desk.run("explain", str(strange)).stdout
    status = desk.run("status").stdout
    unseen = desk.run("explain", "99999999")
    desk.end(serving, signal.SIGTERM)

    for word in ("seen", "ro-back", "RO/1/2026", "flow.waits-for-condition", "W realizacji"):
        assert word in told
    assert "NOWY-1" in waits
    assert "RO" in status
    assert "waiting" in status
    assert unseen.returncode == 1
    assert 'No order "99999999" was seen' in unseen.stdout


def test_retry_takes_up_what_a_person_has_mended(desk: Desk) -> None:
    shop = begin(desk)
    order = shop.place(paid=True)[0]
    shop.misbehave("http-502", method="setOrderFields", times="always")
    file = desk.folder / "pomost.toml"
    file.write_text(file.read_text().replace("[engine]", "[engine]\nattempts = 2\nretry_first_s = 0.1"))
    serving = desk.start("serve")
    until(lambda: "needs a person" in desk.run("explain", str(order)).stdout)
    shop.behave()

    retried = desk.run("retry", str(order))

    assert retried.returncode == 0
    until(lambda: shop.order(order)["status"] == "W realizacji")
    desk.end(serving, signal.SIGTERM)
    assert kinds(desk, order) == ["RO"]


def test_skip_leaves_a_step_out_and_refuses_one_that_is_not_there(desk: Desk) -> None:
    shop = begin(desk)
    order = shop.place(status="Do wyjaśnienia", paid=True)[0]
    serving = desk.start("serve")
    until(lambda: "flow.not-taken" in desk.run("explain", str(order)).stdout)

    slip = desk.run("skip", str(order), "ro-bakc")
    skipped = desk.run("skip", str(order), "ro-back", "--who", "anna")
    shop.move(order, "Nowe zamówienia")
    until(lambda: kinds(desk, order) == ["RO"])
    shop.move(order, "Spakowane")
    until(lambda: shop.order(order)["status"] == "Wysłane")
    told = desk.run("explain", str(order)).stdout
    desk.end(serving, signal.SIGTERM)

    assert (slip.returncode, skipped.returncode) == (1, 0)
    assert "ro-back" in slip.stdout
    assert "anna" in told
    changes = [write.changed for write in shop.writes(order)]
    assert "51001" not in json.dumps(changes), "the number of the RO was not written"


class Doubt:
    """An order whose step ``ro`` is in doubt, as after a lost answer that no look can settle."""

    def __init__(self, desk: Desk, made: bool) -> None:
        self.desk = desk
        self.shop = begin(desk)
        self.order = self.shop.place(paid=True)[0]
        self.shop.misbehave("http-502", method="setOrderFields", times="always")
        serving = desk.start("serve")
        until(lambda: kinds(desk, self.order) == ["RO"])
        desk.end(serving, signal.SIGTERM)
        self.shop.behave()
        store = open_store(f"sqlite:///{desk.folder / 'pomost.db'}")
        ledger = ledger_of(desk)
        try:
            line = store.queries.find(str(self.order))[0]
            store.cases.wake([line.id], time.time())
            key = store.steps.of_case(line.id)["ro"].key
            self._forget(store, line.id)
            claim = store.cases.claim_one("gone", line.id, 0.01, time.time())
            assert claim is not None
            store.steps.write(claim, time.time(), intended=[Intention("ro", key, "{}")])
            store.steps.fail(
                claim, ["ro"], InDoubt("ledger.busy", "The answer was lost."), time.time(), doubt=True
            )
            if not made:
                ledger.cancel("main", key)
        finally:
            store.close()
            ledger.close()

    @staticmethod
    def _forget(store: object, case_id: int) -> None:
        from sqlalchemy import delete

        from pomost.store import schema

        with store.database.writing() as connection:  # type: ignore[attr-defined]
            connection.execute(delete(schema.steps).where(schema.steps.c.case_id == case_id))

    def finish(self) -> Counter[str]:
        """Serves until the order is sent; gives the documents that stand."""
        serving = self.desk.start("serve")
        until(
            lambda: self.shop.order(self.order)["status"] == "W realizacji",
            tell=lambda: self.desk.run("explain", str(self.order)).stdout,
        )
        self.shop.move(self.order, "Spakowane")
        until(lambda: self.shop.order(self.order)["status"] == "Wysłane")
        self.desk.end(serving, signal.SIGTERM)
        ledger = ledger_of(self.desk)
        try:
            found = ledger.documents(foreign_number=str(self.order))
            return Counter(one.kind for one in found if one.state != "cancelled")
        finally:
            ledger.close()


def test_a_doubt_is_resolved_with_the_number_of_the_document_that_is_there(desk: Desk) -> None:
    doubt = Doubt(desk, made=True)
    order = str(doubt.order)

    without = desk.run("resolve", order, "ro", "--happened")
    wrong = desk.run("resolve", order, "ro", "--happened", "--number", "RO/77/2026")
    other_step = desk.run("resolve", order, "sale", "--happened", "--number", "RO/1/2026")
    right = desk.run("resolve", order, "ro", "--happened", "--number", "RO/1/2026")

    assert [one.returncode for one in (without, wrong, other_step, right)] == [1, 1, 1, 0], right.stdout
    assert "the number that you found" in without.stdout
    assert "RO/1/2026 (approved)" in without.stdout
    assert "has no document RO/77/2026" in wrong.stdout
    assert "RO/1/2026 (approved)" in wrong.stdout
    assert "is not in doubt" in other_step.stdout
    made = doubt.finish()
    assert (made["RO"], made["WZ"], made["FS"] + made["PA"], made.total()) == (1, 1, 1, 3)


def test_a_doubt_of_which_nothing_was_made_is_done_again(desk: Desk) -> None:
    doubt = Doubt(desk, made=True)

    resolved = desk.run("resolve", str(doubt.order), "ro", "--did-not-happen", "--who", "anna")

    assert resolved.returncode == 0, resolved.stdout
    assert "anna" in desk.run("explain", str(doubt.order)).stdout
    made = doubt.finish()
    assert (made["RO"], made.total()) == (1, 3), "the ledger's own key still allows but one"


def test_a_cancelled_document_settles_no_doubt(desk: Desk) -> None:
    doubt = Doubt(desk, made=False)

    refused = desk.run("resolve", str(doubt.order), "ro", "--happened", "--number", "RO/1/2026")

    assert refused.returncode == 1
    assert "is cancelled" in refused.stdout


@pytest.mark.parametrize(
    ("language", "said"),
    [("pl", "Pomost nie widział zamówienia"), ("en", "was seen")],
)
def test_it_speaks_the_language_of_the_file(language: str, said: str, desk: Desk) -> None:
    begin(desk, language)

    assert said in desk.run("retry", "123").stdout


def test_a_worker_on_postgresql_works_beside_serve_and_ends_cleanly(
    desk: Desk, database: str, tmp_path: Path
) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop, database=database)
    desk.stock_up()
    worker, serving = desk.start("worker"), desk.start("serve")
    until(lambda: desk.get("/health") != "")
    orders = shop.place(10, lines=[{"sku": "KUBEK-1", "quantity": 1, "price_brutto": 10}], paid=True)
    until(lambda: shop.count("W realizacji") == 10, tell=lambda: desk.run("status").stdout)

    ends = [desk.end(process, signal.SIGTERM) for process in (serving, worker)]

    ledger = open_ledger(database)
    made = Counter(document.foreign_number for document in ledger.documents(kind="RO"))
    ledger.close()
    assert made == Counter(str(order) for order in orders)
    assert [code for code, _ in ends] == [0, 0], ends


def test_a_worker_refuses_sqlite(desk: Desk) -> None:
    begin(desk)

    refused = desk.run("worker")

    assert (refused.returncode, refused.stderr) == (2, "")
    assert "PostgreSQL" in refused.stdout


def test_after_an_outage_all_orders_are_tried_again_at_one_command(desk: Desk) -> None:
    """The shop's status was missing; it is made, and two orders go on without being named."""
    shop = begin(desk)
    file = desk.folder / "pomost.toml"
    file.write_text(file.read_text() + '[flow.words]\nin_progress = "Nie ma takiego"\n')
    orders = shop.place(2, paid=True)
    desk.start("serve")
    until(
        lambda: json.loads(desk.get("/health") or "{}").get("cases") == {"person": 2},
        tell=lambda: desk.get("/health"),
    )

    neither, both = desk.run("retry"), desk.run("retry", str(orders[0]), "--all")
    wrong = desk.run("retry", "--all", "--state", "doubt")
    planned = desk.run("retry", "--all", "--dry-run")
    other = desk.run("retry", "--all", "--source", "allegro")
    again = desk.run("retry", "--all", "--code", "baselinker", "--state", "person", "--state", "retrying")

    assert [one.returncode for one in (neither, both, wrong, planned, other, again)] == [2, 2, 2, 0, 0, 0]
    assert "pomost resolve" in wrong.stdout
    assert "Would be tried again: 2." in planned.stdout
    assert str(orders[0]) in planned.stdout
    assert "Due now: 0." in other.stdout
    assert "Left as they are: 2." in other.stdout
    assert "Due now: 2." in again.stdout
    assert "Traceback" not in "".join(one.stdout + one.stderr for one in (neither, both, wrong, planned))
    assert [kinds(desk, order) for order in orders] == [["RO"], ["RO"]], "tried again, made once"
