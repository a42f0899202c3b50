"""Mailing documents to the buyer: everything is made ready, the intention written, the mail handed over.

Whoever took a mail can't be asked what it took. So a step that was begun and whose end is not written stops in doubt, and
a person decides; nothing is sent twice.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from pomost.config.flow import Flow, MailStep
from pomost.flows.acts.hands import Hands, key_of
from pomost.flows.acts.made import document_of
from pomost.flows.devices import MailDesk, MailText, for_a_person, masked
from pomost.flows.facts import fill
from pomost.flows.files import corrections_of
from pomost.flows.plan import Todo, step_of
from pomost.flows.progress import Progress
from pomost.ports import FileToSend, InDoubt, Mail, NeedsPerson, StopConnection, TryAgain, WaitUntil
from pomost.store.cases import Case
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention, StepRecord
from pomost.trade.documents import Document

PLACE = re.compile(r"\{[a-z][a-z0-9_-]*\.[a-z_]+\}")


def do_mail(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Sends the mail of the step, once; without an address, or with nothing to attach, it is left out."""
    wanted, case, name = todo.step.mail, progress.case, todo.name
    assert wanted is not None
    desk = hands.devices.mail(wanted.account)
    key = key_of(case, name)
    record = progress.done.get(name)
    if may_have_gone(record):
        raise InDoubt(
            "mail.cut-short",
            f"The mail with the key {key} was begun and its end is not written: it may have been sent.",
            "Look among the sent mails or in the mail server's log.",
        )
    to = address_of(wanted, case, progress.done)
    documents = _documents(hands, flow, progress, wanted)
    why = "the order has no address" if not to else "" if documents else "there is no document to attach"
    if why:
        if wanted.no_address == "ask" and not to:
            raise NeedsPerson(
                "mail.no-address",
                f"Order {case.number} has no e-mail address.",
                "Write one on the order, or `pomost skip` the step.",
            )
        progress.intend([Intention(name, key, "{}")])
        progress.finish(Finished(name, {"left_out": why}))
        return
    progress.flush()
    try:
        with desk.turn():
            _send(hands, progress, todo, desk, to, documents)
    except StopConnection as failure:
        raise for_a_person(desk.name, failure) from failure


def _send(
    hands: Hands, progress: Progress, todo: Todo, desk: MailDesk, to: str, documents: list[Document]
) -> None:
    wanted, name, key = todo.step.mail, todo.name, key_of(progress.case, todo.name)
    assert wanted is not None
    text = with_note(desk.write(documents[0], wanted.language, wanted.template), _note(wanted, progress))
    mail = Mail(
        key=key,
        to=to,
        subject=text.subject,
        text=text.text,
        html=text.html,
        files=tuple(_file(hands, document) for document in documents),
    )
    names = [file.name for file in mail.files]
    progress.intend([Intention(name, key, dump({"to": to, "subject": mail.subject, "files": names}))])
    hands.at(f"{todo.step.id}:intended")
    progress.still_mine()
    try:
        desk.mailer.send(mail)
    except (TryAgain, WaitUntil) as failure:
        # certainly not taken: what was begun counts as failed, so that it may be sent anew
        progress.fail([name], failure)
        raise
    hands.at(f"{todo.step.id}:made")
    progress.finish(Finished(name, {"mailed": masked(to), "account": desk.name, "files": names}))


def may_have_gone(record: StepRecord | None) -> bool:
    """Whether a run before this one got as far as the intention, and nobody wrote down what came of it."""
    return record is not None and record.state == "intended"


def address_of(wanted: MailStep, case: Case, done: Mapping[str, StepRecord]) -> str:
    """Where the mail goes: what the step says, else the buyer's address; may be empty."""
    assert case.order is not None
    if wanted.to:
        return fill(wanted.to, case.order, case.status, done).strip()
    return case.order.buyer.email.strip()


def _note(wanted: MailStep, progress: Progress) -> str:
    """What the step adds to the text; nothing where a value is not there (no parcel, no number)."""
    case, done = progress.case, progress.done
    assert case.order is not None
    values = [fill(place, case.order, case.status, done) for place in PLACE.findall(wanted.note)]
    return fill(wanted.note, case.order, case.status, done) if all(values) else ""


def with_note(mail: MailText, note: str) -> MailText:
    """The mail with a paragraph more at its end."""
    if not note:
        return mail
    paragraph = f"<p>{html.escape(note)}</p>"
    body, end, rest = mail.html.rpartition("</body>")
    marked = f"{body}{paragraph}{end}{rest}" if end else mail.html + paragraph
    return MailText(mail.subject, f"{mail.text.rstrip()}\n\n{note}\n", marked if mail.html else "")


def _documents(hands: Hands, flow: Flow, progress: Progress, wanted: MailStep) -> list[Document]:
    """The documents of the named steps that were made, all parts of each."""
    found: list[Document] = []
    for maker_id in wanted.pdf:
        maker = step_of(flow, maker_id)
        assert maker is not None
        for name, record in progress.done.items():
            if name.split("#")[0] != maker_id or record.state != "done":
                continue
            for made in corrections_of(record) if maker.cancel else [record]:
                if made.result.get("id"):
                    found.append(document_of(hands, flow, maker, progress, made))
    return found


def _file(hands: Hands, document: Document) -> FileToSend:
    content = hands.render(document)
    hands.keep_file(document, content)
    return FileToSend(f"{document.kind} {document.number}.pdf".replace("/", "_"), content, document.number)
