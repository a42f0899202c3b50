"""Documents mailed to the buyer, as a shop would tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pomost.cli.decisions import skip_step
from pomost.flows.dry_run import dry_run
from pomost.ports import Json
from pomost.sandbox.baselinker import Sandbox
from tests.connectors.smtp.letters import MESSAGE_ID
from tests.connectors.smtp.servers import Behaviour, Taken, certificates, imap_server, tls_before
from tests.edges import post_office
from tests.house import House

MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
BUYER = {"lines": MUGS, "nip": "123-456-32-18", "paid": True, "email": "jan@example.com"}


@pytest.fixture
def office() -> Iterator[tuple[Behaviour, Json]]:
    with post_office() as found:
        yield found


@pytest.fixture
def post(office: tuple[Behaviour, Json]) -> Behaviour:
    """The mail server: how it behaves, and what it took."""
    return office[0]


@pytest.fixture
def home(office: tuple[Behaviour, Json], house: Callable[..., House]) -> Callable[..., House]:
    def build(*, mail: Json | None = None, **wanted: Any) -> House:
        flow: Json = {"preset": "ro-fs-wz-mail"}
        if mail is not None:
            step = {"id": "mail", "mail": {"pdf": ["sale", "wz"], **mail}}
            flow["step"] = [step]
        return house(flow=flow, smtp=[office[1]], **wanted)

    return build


def packed(shop: Sandbox, home: House, **wanted: Any) -> int:
    order: int = shop.place(**{**BUYER, **wanted})[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    return order


def history(home: House, order: int) -> list[str]:
    return [event.what for event in home.pomost.store.steps.history(home.line(order).id)]


def test_a17_the_buyer_of_a_packed_order_gets_invoice_and_goods_issue_by_mail(
    shop: Sandbox, post: Behaviour, home: Callable[..., House]
) -> None:
    house = home()

    order = packed(shop, house)
    house.run_until_state(order, "done")
    house.run_until(lambda: len(post.taken) == 1)

    # One mail to the buyer, with both documents; its text is that of an invoice.
    [mail] = post.taken
    assert mail.recipients == ["jan@example.com"]
    assert "FS/1/2026" in str(mail.message["Subject"])
    files = {
        part.get_filename(): PdfReader(BytesIO(part.get_payload(decode=True))).pages[0].extract_text()  # type: ignore[arg-type]
        for part in mail.message.iter_attachments()
    }
    assert sorted(files) == ["FS FS_1_2026.pdf", "WZ WZ_1_2026.pdf"]
    assert "FS/1/2026" in files["FS FS_1_2026.pdf"]
    assert "WZ/1/2026" in files["WZ WZ_1_2026.pdf"]

    # Documents and numbers are as without a mail.
    assert house.kinds(order) == ["RO", "FS", "WZ"]
    assert shop.order(order)["status"] == "Wysłane"


def test_the_text_is_by_wish_in_another_language_and_of_another_template(
    shop: Sandbox, post: Behaviour, home: Callable[..., House]
) -> None:
    house = home(mail={"pdf": ["wz"], "template": "document", "language": "en", "to": "biuro@example.com"})

    order = packed(shop, house)
    house.run_until(lambda: len(post.taken) == 1)
    house.run_until_state(order, "done")

    [mail] = post.taken
    assert mail.recipients == ["biuro@example.com"]
    assert [part.get_filename() for part in mail.message.iter_attachments()] == ["WZ WZ_1_2026.pdf"]
    body = mail.message.get_body(("plain",))
    assert body is not None
    assert "Dzień dobry" not in body.get_content()


@pytest.mark.parametrize(("wish", "state"), [("skip", "done"), ("ask", "person")])
def test_without_an_address_the_mail_is_left_out_or_a_person_asked(
    wish: str, state: str, shop: Sandbox, post: Behaviour, home: Callable[..., House]
) -> None:
    house = home(mail={"no_address": wish})

    order = packed(shop, house, email="")
    house.run_until_state(order, state)

    assert post.taken == []
    assert house.waits(order).get("code", "") == ("mail.no-address" if wish == "ask" else "")


def test_a_refused_address_is_shown_to_a_person_and_sent_once_it_is_right(
    shop: Sandbox, post: Behaviour, home: Callable[..., House]
) -> None:
    house = home()
    post.say["RCPT"] = "550 5.1.1 no such user"

    order = packed(shop, house)
    house.run_until_state(order, "person")
    assert house.waits(order)["code"] == "smtp.address-refused"
    assert "j***@example.com" in house.waits(order)["text"]

    post.say.clear()
    house.pomost.wake([house.line(order).id])
    house.run_until_state(order, "done")
    assert len(post.taken) == 1


def test_a_server_that_is_busy_gets_the_mail_later_and_once(
    shop: Sandbox, post: Behaviour, home: Callable[..., House]
) -> None:
    house = home()
    post.say["RCPT"] = "451 try again later"

    order = packed(shop, house)
    house.run_until(lambda: post.commands.count("RCPT") >= 2)
    post.say.clear()
    house.run_until_state(order, "done")

    assert len(post.taken) == 1


def test_an_answer_lost_after_the_whole_mail_stops_in_doubt_and_is_not_sent_again(
    shop: Sandbox, post: Behaviour, home: Callable[..., House]
) -> None:
    house = home()
    post.drop_after_text = True

    order = packed(shop, house)
    house.run_until_state(order, "doubt")
    post.drop_after_text = False
    house.pomost.wake([house.line(order).id])
    house.run_until(lambda: history(house, order).count("doubt") >= 1)

    assert house.waits(order)["step"] == "mail"
    assert len(post.taken) == 1

    # Somebody finds it in the inbox and says so.
    line = house.line(order)
    assert house.pomost.store.steps.decide(line.id, "mail", "done", "ola", house.pomost.work.now())
    house.pomost.wake([line.id])
    house.run_until_state(order, "done")
    assert len(post.taken) == 1


SAMPLES = Path(__file__).parents[1] / "connectors" / "smtp" / "samples"


def returned(sample: str, sent: Taken, address: str = "jan@example.com") -> bytes:
    """What a mail server sends back for a mail of ours to this address."""
    raw = (SAMPLES / f"{sample}.eml").read_bytes().replace(b"\n", b"\r\n")
    ours = str(sent.message["Message-ID"]).encode()
    return raw.replace(MESSAGE_ID.encode(), ours).replace(b"anna.przykladowa@example.org", address.encode())


def test_a_mail_that_comes_back_is_on_the_history_and_for_a_person(
    shop: Sandbox,
    office: tuple[Behaviour, Json],
    post: Behaviour,
    house: Callable[..., House],
    tmp_path: Path,
) -> None:
    trusted = certificates(tmp_path)
    with imap_server("--no-tls") as box, tls_before(box.port, trusted.server) as port:
        mailbox = {
            "host": "127.0.0.1",
            "port": port,
            "user": box.user,
            "password": box.password,
            "ca_file": str(trusted.ca_file),
            "every_s": 0.2,
        }
        home = house(flow={"preset": "ro-fs-wz-mail"}, smtp=[{**office[1], "bounces": mailbox}])
        order = packed(shop, home)
        home.run_until_state(order, "done")
        [sent] = post.taken

        # A mail that a stranger made up asks nobody; one that is only late is on the history.
        box.put(returned("postfix", sent, "other@example.com"), returned("postfix-delayed", sent))
        home.run_until(lambda: "delayed" in history(home, order))
        assert home.state(order) == "done"

        # One that came back for good is for a person, once, whoever tells it again.
        box.put(returned("postfix", sent), returned("postfix", sent))
        home.run_until_state(order, "person")
        assert home.waits(order)["code"] == "mail.bounced"
        assert "j***@example.com" in home.waits(order)["text"]
        assert "User unknown" in home.waits(order)["text"]
        assert history(home, order).count("bounced") == 1

        # Somebody has sent it by hand.
        skip_step(home.pomost, home.line(order), "bounce~mail", "ola")
        home.run_until_state(order, "done")
        assert len(post.taken) == 1
        home.stop()


def test_the_dry_run_says_to_whom_and_what(
    shop: Sandbox, post: Behaviour, home: Callable[..., House]
) -> None:
    house = home()
    order = shop.place(**BUYER, status="Spakowane")[0]

    [looker] = house.pomost.lookers
    [(case, steps)] = [one for one in looker.preview(10) if one[0].external_id == str(order)]
    found = dry_run(house.pomost.flows["sklep"], case, steps, house.ledger)

    assert [line.act for line in found.lines if line.step == "mail"] == [
        "mail fs to j***@example.com with FS/?, WZ/?"
    ]
    assert post.taken == []
