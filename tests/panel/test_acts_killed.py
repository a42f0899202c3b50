"""A real `pomost serve` is killed in the middle of a long act: the next one says at once that it was cut off and how far it had
come, nothing is half done, and begun again it does what is left."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pomost.ledger import open_ledger
from pomost.panel import owners
from pomost.sandbox.baselinker import Sandbox
from tests.panel.conftest import Client
from tests.panel.served import Served
from tests.panel.test_acts import until
from tests.shelf import Shelf

# its keeper looks once, at the start; what is sent later is sent by the act
CATALOGUE = """
[[catalogue]]
name = "sklep"
channel = "baselinker"
every_s = 3000
wake = false

[[catalogue.stock]]
buffer = 10
"""
ROWS = 6_000


@pytest.fixture
def serve(tmp_path: Path, shop: Sandbox) -> Iterator[Callable[..., Served]]:
    made: list[Served] = []

    def build(more: str = "") -> Served:
        made.append(Served(tmp_path, shop, more, forked=True))
        return made[-1]

    yield build
    for one in made:
        one.close()


def killed_while_sending(served: Served, shop: Sandbox) -> str:
    """A push of the whole catalogue is killed while its first call is answered; gives the page of the act."""
    shelf = Shelf(shop)
    served.until(lambda: shelf.stock("KUBEK-01") == 9_990)
    shelf.set_stock("KUBEK-01", 17)
    shop.configure(delay_s=2.0)
    operator = served.administrator()
    path = operator.post("/stock/push", page="/stock", catalogue="sklep").url.path
    assert path.startswith("/acts/"), path
    number = int(path.rsplit("/", 1)[1])
    served.until(lambda: served.store.acts.get(number, time.time()).total > 0)  # type: ignore[union-attr]
    served.kill()
    shop.configure(delay_s=0.0)
    return path


def test_a_push_that_was_killed_is_said_to_be_cut_off_at_once_and_begun_again_sends_what_is_left(
    serve: Callable[..., Served], shop: Sandbox
) -> None:
    served = serve(CATALOGUE)
    path = killed_while_sending(served, shop)

    served.start()
    page = served.administrator().get(path).text

    assert "Przerwane" in page
    assert "<progress" not in page
    assert "Zrobione było co najmniej" in page
    assert "Ostatnia część: Stan (1/1)" in page
    assert 'href="/stock?catalogue=sklep"' in page
    assert "przerwane" in served.administrator().get("/acts").text
    again = served.administrator().post("/stock/push", page="/stock", catalogue="sklep")
    if again.url.path.startswith("/acts/"):
        until(served.administrator(), again.url.path, "Zobacz wynik", 60)
    shelf = Shelf(shop)
    assert {shelf.stock(sku) for sku in ("KUBEK-01", "KUBEK-02", "TALERZ-27")} == {9_990}


def test_without_knowing_whose_act_it_was_it_would_be_said_to_run_until_it_is_silent(
    serve: Callable[..., Served], shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The detector is proved: nobody can say here whose it was."""
    served = serve(CATALOGUE)
    path = killed_while_sending(served, shop)

    found = served.store.acts.get(int(path.rsplit("/", 1)[1]), time.time())
    assert found is not None
    assert found.state == "running"
    monkeypatch.setattr(owners, "place", lambda: "")
    owners.end_those_of_the_dead(served.store.acts)
    still = served.store.acts.get(found.id, time.time())
    monkeypatch.undo()
    owners.end_those_of_the_dead(served.store.acts)
    ended = served.store.acts.get(found.id, time.time())

    assert still is not None
    assert ended is not None
    assert (still.state, ended.state) == ("running", "cut")


@pytest.mark.parametrize("wait_s", [0.0, 0.3, pytest.param(1.0, marks=pytest.mark.slow)])
def test_an_import_that_was_killed_while_it_wrote_has_written_all_or_nothing_and_again_writes_the_rest(
    wait_s: float, serve: Callable[..., Served]
) -> None:
    served = serve()
    operator = served.administrator()
    where = sent(operator)

    begun = operator.http.post(
        where, data={"csrf": operator.mark(where), "how": "all"}, follow_redirects=False
    )
    act = served.store.acts.latest(time.time())[0]
    time.sleep(wait_s)
    served.kill()

    assert begun.status_code == 303
    assert act.title == "imports.acts.apply"
    assert cards(served) in (0, ROWS)
    served.start()
    operator = served.administrator()
    page = operator.get(f"/acts/{act.id}").text
    if served.store.acts.get(act.id, time.time()).state == "cut":  # type: ignore[union-attr]
        assert "wszystko albo nic" in page
        assert "co najmniej" not in page, "how many rows were read says nothing of what was written"
    again = operator.post(where, page=where, how="all")
    if again.url.path.startswith("/acts/"):
        until(operator, again.url.path, "Zapisano", 120)
    assert cards(served) == ROWS


def sent(operator: Client) -> str:
    """A sheet of new items, checked; gives the address of its preview."""
    sheet = io.StringIO()
    sheet.write("SKU;Nazwa;VAT\n")
    for number in range(ROWS):
        sheet.write(f"NOWY-{number};Nowy {number};23\n")
    answer = operator.post(
        "/imports",
        files={"file": ("towary.csv", sheet.getvalue().encode("utf-8"))},
        page="/imports",
        kind="items",
    )
    if answer.url.path.startswith("/acts/"):
        until(operator, answer.url.path, "Zobacz wynik", 120)
        (link,) = {one for one in operator.get("/imports").text.split('"') if one.startswith("/imports/")}
        return link
    return answer.url.path


def cards(served: Served) -> int:
    """How many of the sheet's items the ledger has."""
    ledger = open_ledger(f"sqlite:///{served.folder / 'ledger.db'}")
    try:
        return len(ledger.cards("main", [f"NOWY-{number}" for number in range(ROWS)]))
    finally:
        ledger.close()
