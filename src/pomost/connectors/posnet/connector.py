"""The port FiscalPrinter over a POSNET Online printer: each receipt once.

Before ``trend`` is sent nothing fiscal exists, so everything that fails there is cancelled and certain. Once it was
sent, what counts is, in this order: the answer stored under its token (``rpt``), then the counters against the mark.
"""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from pomost.connectors.posnet.client import Client, Lost, NotSent, Refusal
from pomost.connectors.posnet.device import Counters, Device, failure_from
from pomost.connectors.posnet.errors import (
    BUSY,
    DAILY_REPORT,
    NOT_FISCAL,
    NUMBERS,
    RATE_STEP,
    READ_ONLY,
    failure_of,
)
from pomost.connectors.posnet.mapping import Command, Job, check, compose, printable, slots_from
from pomost.connectors.posnet.register import Register
from pomost.connectors.posnet.settings import Settings
from pomost.ports import (
    Failure,
    FiscalReceipt,
    InDoubt,
    Json,
    ReceiptToPrint,
    TryAgain,
)

log = structlog.get_logger()

_TOKENS = 10_000
E_DOCUMENT_ID_MAX = 128


class PosnetPrinter:
    """One printer. May be used by many threads and processes of one machine; they take turns."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = Client(settings.transport())
        self._device = Device(self._client, settings.command_timeout_s)
        self._register = Register(settings.register)
        self._turn = threading.Lock()

    def capabilities(self) -> frozenset[str]:
        return frozenset({"nip", "e-receipt"} if self._settings.e_document else {"nip"})

    # --- the port ------------------------------------------------------------------------------------------------

    def mark(self) -> Json:
        """Clears up what an earlier process left behind, then gives the counters and a token that is not in use.

        Raises TryAgain, NeedsPerson, StopConnection.
        """
        with self._alone(), self._conversation():
            self._settle_earlier()
            state = self._device.state()
            if state.read_only:
                raise failure_of(READ_ONLY)
            if not state.fiscal and not self._settings.training:
                raise failure_of(NOT_FISCAL)
            if state.opened:
                self._clear_left_open()
            found = self._device.counters()
            mark = {
                "id": uuid.uuid4().hex,
                "printer": found.printer,
                "reports": found.reports,
                "finished": found.finished,
                "cancelled": found.cancelled,
                "last": found.last,
                "token": self._unused_token(),
            }
            self._register.marked(mark)
            return mark

    def print_receipt(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt:
        """Registers the sale once. With a mark that was used before it never prints: it gives the receipt that was
        printed under it, or raises.

        Raises TryAgain (``posnet.stale-mark``: take a new mark) and NeedsPerson, StopConnection when certainly
        nothing was printed, else InDoubt.
        """
        check(receipt)
        with self._alone():
            state = self._register.state(mark)
            if state == "printed":
                return self._register.receipt(mark)
            if state in ("open", "closing", "doubt"):
                raise InDoubt(
                    "posnet.ask-first",
                    "This receipt was begun before and it is not known how it ended.",
                    "It is asked for with its mark before anything is printed.",
                )
            if state == "not-printed":
                raise _stale("The receipt was begun under this mark before and was not printed.")
            with self._conversation():
                job = self._prepare(receipt, mark)
                self._register.opened(mark, receipt.key, job.steps)
                e_document = self._send_lines(receipt, job, mark)
                return self._finish(job, mark, e_document)

    def printed_since(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt | None:
        """The receipt when it was registered after ``mark``; None when certainly not, and what was left open is
        cancelled. Raises InDoubt otherwise, also when the printer can't be asked.
        """
        try:
            with self._alone():
                return self._find(mark)
        except InDoubt:
            raise
        except Failure as failure:
            raise _cannot_ask(failure) from failure

    def greet(self) -> None:
        """Asks whether it could print now, changing nothing. Raises what ``mark`` raises."""
        with self._alone(), self._conversation():
            state = self._device.state()
            if state.read_only or (not state.fiscal and not self._settings.training):
                raise failure_of(READ_ONLY if state.read_only else NOT_FISCAL)
            if (hindrance := self._device.hindrance()) is not None:
                raise hindrance

    # --- before the receipt --------------------------------------------------------------------------------------

    def _prepare(self, receipt: ReceiptToPrint, mark: Json) -> Job:
        """The commands, after everything that can be known beforehand was asked for."""
        hindrance = self._device.hindrance()
        if hindrance is not None:
            raise hindrance
        found = self._device.counters()
        if found.printer != mark["printer"]:
            raise _stale(
                f"The printer at this address is {found.printer}, not {mark['printer']} of the mark."
            )
        if _moved(found, mark):
            raise _stale("Something was printed since the mark was taken.")
        job = compose(
            receipt, slots_from(self._device.vat()), self._settings.naming, footer=self._settings.footer
        )
        if lower := self._register.sold_lower(found.printer, job.steps):
            raise failure_of(RATE_STEP, f"Known as {', '.join(sorted(lower))}.")
        return job

    def _settle_earlier(self) -> None:
        """Attempts of processes that died: those that never sent ``trend`` ended; the others are asked for now, since
        later receipts would cover their tracks."""
        for mark, state in self._register.unfinished():
            if state == "open":
                self._drop_open(own=True, binding=True)
                self._note(mark, None)
                continue
            hindrance = self._device.wait_until_idle(self._settings.doubt_wait_s)
            if hindrance is not None:
                raise hindrance
            try:
                self._note(mark, self._decide(mark, trend_was_sent=True))
            except InDoubt as doubt:
                log.warning("receipt in doubt", code=doubt.code, printer=mark["printer"])
                self._register.ended(mark, None, doubt=True)

    def _clear_left_open(self) -> None:
        if not self._settings.cancel_left_open:
            raise failure_of(BUSY, "A receipt is open on it.")
        self._tolerate("prncancel")
        if self._device.state().opened:
            raise failure_of(BUSY, "A receipt is open on it.")

    def _unused_token(self) -> str:
        while True:
            token = f"{secrets.randbelow(_TOKENS):04d}"
            if self._device.stored(token) is None:
                return token

    # --- the receipt ---------------------------------------------------------------------------------------------

    def _send_lines(self, receipt: ReceiptToPrint, job: Job, mark: Json) -> str:
        """Everything before ``trend``; gives the number of the e-document, if any. Cancels what it can't finish."""
        e_document = what = ""
        try:
            for place, command in enumerate(job.before, start=1):
                what = command.what
                self._do(command, _token(mark, place))
                if command.name == "trinit":
                    self._check_nothing_came_between(mark)
                    what = "the e-document"
                    e_document = self._announce_e_document(receipt)
        except Refusal as error:
            self._abandon(mark, own=True)
            if NUMBERS.get(error.number) is DAILY_REPORT and self._settings.daily_report:
                raise self._report() from error
            raise failure_from(error, what) from error
        except Lost as error:
            self._abandon(mark, own=True)
            raise _unreachable(f"The connection was lost before the end of the receipt ({error}).") from error
        return e_document

    def _check_nothing_came_between(self, mark: Json) -> None:
        """From trinit on the device is ours, so counters that are still those of the mark stay so until ``trend``."""
        try:
            found = self._device.counters()
        except Refusal as refusal:
            log.info("no counters in a receipt", number=refusal.number)
            return
        if _moved(found, mark):
            self._abandon(mark, own=True)
            raise _stale("Something was printed since the mark was taken.")

    def _announce_e_document(self, receipt: ReceiptToPrint) -> str:
        wanted = self._settings.e_document
        if wanted is None or not receipt.email:
            return ""
        buyer = receipt.email if wanted.id_from == "email" else receipt.document_number or receipt.key
        fields = {"id": printable(buyer)[:E_DOCUMENT_ID_MAX]}
        if wanted.server:
            fields["ad"] = wanted.server
        found = self._client.ask("eparagonidznext", fields, timeout_s=self._settings.command_timeout_s)
        return found.get("ha", "")

    def _do(self, command: Command, token: str = "") -> None:
        self._client.ask(command.name, command.fields, token=token, timeout_s=self._settings.print_timeout_s)

    def _report(self) -> Failure:
        """Prints the daily report. Counters begin anew with it, so the receipt waits for a new mark."""
        try:
            with self._conversation():
                day = self._device.clock().date().isoformat()
                self._client.ask("dailyrep", {"da": day}, timeout_s=self._settings.print_timeout_s)
        except Failure as failure:
            return failure
        return TryAgain(
            "posnet.daily-report-printed",
            "The printer wanted the daily report, and it was printed.",
            "The receipt is printed next.",
        )

    def _abandon(self, mark: Json, *, own: bool) -> None:
        """Notes that nothing was printed, and cancels what is open; when that fails, the next mark does it."""
        self._note(mark, None)
        try:
            with self._conversation():
                self._drop_open(own=own, binding=own)
        except Failure as failure:
            log.warning("receipt left open", code=failure.code, printer=mark["printer"])

    def _drop_open(self, *, own: bool, binding: bool) -> None:
        """``own``: what is open is ours for certain, and cancelled whatever the settings say. ``binding``: an
        e-document may be bound, and the next buyer's receipt would go to this one's address."""
        if binding and self._settings.e_document is not None:
            self._tolerate("eparagonidzcancel")
        if self._device.state().opened and (own or self._settings.cancel_left_open):
            self._tolerate("prncancel")

    def _tolerate(self, command: str) -> None:
        """A refusal means that there is nothing of ours to take back."""
        try:
            self._client.ask(command, timeout_s=self._settings.print_timeout_s)
        except Refusal as refusal:
            log.info("refused", command=command, number=refusal.number)

    def _finish(self, job: Job, mark: Json, e_document: str) -> FiscalReceipt:
        """From here on the receipt may exist."""
        try:
            self._register.closing(mark, e_document)
        except Failure:
            self._abandon(mark, own=True)
            raise
        try:
            found, refusal = self._end(job, mark, e_document)
        except InDoubt:
            raise
        except Failure as failure:
            raise _cannot_ask(failure) from failure
        if found is not None:
            return found
        if refusal is not None:
            raise failure_from(refusal) from refusal
        raise _unreachable("The connection was lost; the receipt was not printed and is cancelled.")

    def _end(self, job: Job, mark: Json, e_document: str) -> tuple[FiscalReceipt | None, Refusal | None]:
        """Sends ``trend``; gives the receipt, or None when certainly none was printed, with the refusal if any."""
        refusal: Refusal | None = None
        try:
            self._do(job.end, _token(mark))
            self._print_footer(job)
            found = self._number(mark, e_document)
            self._note(mark, found)
            return found, None
        except Refusal as error:
            refusal = error
        except Lost as error:
            log.warning("answer lost", printer=mark["printer"], error=str(error))
        return self._find(mark), refusal

    def _print_footer(self, job: Job) -> None:
        """The receipt is printed; a footer that is refused is only missing."""
        for command in job.after:
            try:
                self._do(command)
            except Refusal as refusal:
                log.warning("no footer", command=command.name, number=refusal.number)

    def _number(self, mark: Json, e_document: str) -> FiscalReceipt:
        """The receipt that was just accepted. Raises InDoubt when its number is not certain."""
        found = self._device.counters()
        if found.finished != mark["finished"] + 1 or found.reports != mark["reports"]:
            raise _number_unknown(found, mark, accepted=True)
        return self._as_receipt(found, e_document)

    def _as_receipt(self, found: Counters, e_document: str) -> FiscalReceipt:
        wanted = self._settings.e_document
        link = ""
        if e_document and wanted is not None and wanted.link:
            link = wanted.link.format(ha=e_document, printer=found.printer)
        return FiscalReceipt(f"{found.reports + 1}/{found.last}", found.printer, self._device.clock(), link)

    # --- after a doubt -------------------------------------------------------------------------------------------

    def _find(self, mark: Json) -> FiscalReceipt | None:
        state = self._register.state(mark)
        if state == "printed":
            return self._register.receipt(mark)
        if state in ("marked", "open", "not-printed"):
            self._abandon(mark, own=state == "open")
            return None
        try:
            with self._conversation():
                hindrance = self._device.wait_until_idle(self._settings.doubt_wait_s)
                if hindrance is not None:
                    raise _cannot_ask(hindrance)
                found = self._decide(mark, trend_was_sent=bool(state))
        except InDoubt:
            raise
        except Failure as failure:
            raise _cannot_ask(failure) from failure
        self._note(mark, found)
        return found

    def _note(self, mark: Json, found: FiscalReceipt | None) -> None:
        """What is known of the printer stays known, also when it can't be written down: it is found out again."""
        try:
            self._register.ended(mark, found)
        except Failure as failure:
            log.warning("outcome not noted", code=failure.code, printer=mark["printer"])

    def _decide(self, mark: Json, *, trend_was_sent: bool) -> FiscalReceipt | None:
        """Whether the receipt of ``mark`` is in the fiscal memory. ``trend_was_sent``: False when not known."""
        before = self._device.counters()
        if before.printer != mark["printer"]:
            raise InDoubt(
                "posnet.other-printer",
                f"The printer at this address is {before.printer}; the receipt was sent to {mark['printer']}.",
                "Connect that printer again, or look there whether the receipt was printed.",
            )
        stored = self._device.stored(mark["token"])
        if before.reports != mark["reports"]:
            if stored:
                return None
            raise _number_unknown(before, mark, accepted=stored == 0)
        if stored == 0 and self._device.state().opened:
            # It was accepted and waits for its footer, which nobody will send any more.
            self._tolerate("trftrend")
        else:
            self._drop_open(own=trend_was_sent, binding=True)
        after = self._device.counters()
        if after.finished == mark["finished"]:
            if stored == 0:
                raise _number_unknown(after, mark, accepted=True)
            return None
        ours = stored == 0 or (stored is None and trend_was_sent)
        if ours and after.finished == mark["finished"] + 1 and after.cancelled == mark["cancelled"]:
            return self._as_receipt(after, self._register.e_document(mark))
        if stored:
            return None
        raise _number_unknown(after, mark, accepted=stored == 0)

    # --- the conversation ----------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._turn, self._register.alone(self._settings.turn_wait_s):
            yield

    @contextmanager
    def _conversation(self) -> Iterator[None]:
        """A connection; what goes wrong on it comes out as a Failure."""
        try:
            self._client.close()
            self._client.open()
            yield
        except NotSent as error:
            raise _unreachable(f"No connection ({error}).") from error
        except Lost as error:
            raise _unreachable(f"No usable answer ({error}).") from error
        except Refusal as error:
            raise failure_from(error) from error
        finally:
            self._client.close()


def _token(mark: Json, place: int = 0) -> str:
    """The token of the ``place``-th command; 0 is ``trend``, whose token must be known from the mark alone."""
    return f"{(int(mark['token']) + place) % _TOKENS:04d}"


def _moved(found: Counters, mark: Json) -> bool:
    before = (mark["reports"], mark["finished"], mark["cancelled"])
    return (found.reports, found.finished, found.cancelled) != before


def _stale(text: str) -> TryAgain:
    return TryAgain("posnet.stale-mark", text, "It is tried again with a new mark.")


def _unreachable(text: str) -> TryAgain:
    return TryAgain(
        "posnet.unreachable",
        f"The printer can't be talked to. {text}",
        "It is tried again; look whether the printer is on, its cable, address and port.",
    )


def _cannot_ask(failure: Failure) -> InDoubt:
    return InDoubt(
        "posnet.cannot-ask",
        f"The printer can't be asked whether the receipt was printed. {failure.text}",
        f"{failure.advice} It is asked again before anything is printed.",
        ask="again",
    )


def _number_unknown(found: Counters, mark: Json, *, accepted: bool) -> InDoubt:
    counts = (
        f"before it there were {mark['reports']} daily reports and {mark['finished']} receipts, "
        f"{mark['cancelled']} cancelled; now {found.reports}, {found.finished} and {found.cancelled}."
    )
    if accepted:
        return InDoubt(
            "posnet.number-in-doubt",
            f"The printer {found.printer} printed this receipt, but its number is not certain: {counts}",
            f"Look for it on the paper roll after receipt {mark['last']} and enter its number.",
            printer=found.printer,
        )
    return InDoubt(
        "posnet.receipt-in-doubt",
        f"The counters of printer {found.printer} don't say whether this receipt was printed: {counts} "
        "Something else was printed in between.",
        f"Look on the paper roll after receipt {mark['last']}, then say whether this receipt is there.",
        printer=found.printer,
    )
