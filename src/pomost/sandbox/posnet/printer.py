"""The device: its state, and what each command does to it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from pomost.sandbox.posnet.arithmetic import EXEMPT, INACTIVE, SLOTS, compared, step
from pomost.sandbox.posnet.frames import BadFrame, Request, accepted, failed, frame_error
from pomost.sandbox.posnet.memory import FiscalMemory
from pomost.sandbox.posnet.transaction import Fields, Refused, Transaction

ANSWERS_KEPT = 32
TOTAL_MAX = 49_999_999_999
RATES = (Decimal(23), Decimal(8), Decimal(5), Decimal(0), INACTIVE, INACTIVE, EXEMPT)

READING = {"scomm", "scnt", "stot", "vatget", "rtcget", "sprn", "sdev", "rpt", "eclastdocnoget"}
"""Answered whoever holds the device; in a read-only device these and prncancel are all that is left."""

Answer = Mapping[str, str]


class Printer:
    """One fiscal printer. ``clock`` gives its local time; ``rates`` are the slots A to G, ``capacity`` documents fit."""

    def __init__(
        self,
        memory: FiscalMemory,
        clock: Callable[[], datetime],
        rates: Sequence[Decimal] = RATES,
        unique_number: str = "ZBF 2101000001",
        capacity: int = 1_000_000,
    ) -> None:
        self.memory = memory
        self.clock = clock
        self.rates = list(rates)
        self.unique_number = unique_number
        self.capacity = capacity
        self.fiscal = True
        self.read_only = False
        self.paper = True
        self.cover_closed = True
        self.changed = threading.Condition(threading.RLock())
        self.closed = False
        self.waiting: dict[int, int] = {1: 0, 2: 0}
        """Commands in the queue of each interface, the one at hand included."""
        self.open: Transaction | None = None
        self._armed: int | None = None
        self._key_awaited = False
        self._blocked = False
        self._answers: dict[int, OrderedDict[str, bytes]] = {1: OrderedDict(), 2: OrderedDict()}
        self._e_documents = 3053
        self._acts: dict[str, Callable[[Request, int], Answer]] = {
            name.removeprefix("_do_"): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }

    def run(self, request: Request, interface: int) -> bytes:
        """Carries a command out and gives the answer; waits for paper, cover and key where the device does."""
        with self.changed:
            if request.command == "rpt":
                stored = self._answers[interface].get(request.token)
                return stored or frame_error(BadFrame(13, "rpt", "", request.token))
            try:
                answer = self._answer(request, interface)
            except BadFrame as error:
                answer = frame_error(BadFrame(error.number, error.command, error.name, request.token))
            self.store(request, interface, answer)
            return answer

    def store(self, request: Request, interface: int, answer: bytes) -> None:
        """Keeps the answer to a token for rpt."""
        if not request.token:
            return
        kept = self._answers[interface]
        kept.pop(request.token, None)
        kept[request.token] = answer
        while len(kept) > ANSWERS_KEPT:
            kept.popitem(last=False)

    def answers(self, interface: int) -> list[str]:
        """The tokens whose answers are kept, the oldest first."""
        with self.changed:
            return list(self._answers[interface])

    def forget_answers(self) -> None:
        with self.changed:
            for kept in self._answers.values():
                kept.clear()

    def press_key(self) -> None:
        """Somebody confirms at the device."""
        with self.changed:
            self._key_awaited = False
            self.changed.notify_all()

    def _answer(self, request: Request, interface: int) -> bytes:
        act = self._acts.get(request.command)
        if act is None:
            raise BadFrame(1, request.command)
        if request.at_once and request.command not in ("sprn", "sdev"):
            raise BadFrame(12, request.command)
        try:
            if request.command not in READING:
                if (
                    self.open is not None
                    and self.open.interface != interface
                    and act != self._do_hardprncancel
                ):
                    raise Refused(41)
                if self.read_only and act not in (self._do_prncancel, self._do_hardprncancel):
                    raise Refused(2036)
            return accepted(request, act(request, interface))
        except Refused as refusal:
            return failed(request, refusal.number)

    def _print(self) -> None:
        """Waits as long as nothing can be printed."""
        self._blocked = not (self.paper and self.cover_closed)
        self.changed.wait_for(lambda: self.closed or (self.paper and self.cover_closed))
        self._blocked = False
        if self.closed:
            raise Refused(30)

    def _today(self) -> str:
        return self.clock().date().isoformat()

    # --- asking --------------------------------------------------------------------------------------------------

    def _do_scomm(self, request: Request, interface: int) -> Answer:
        opened = 0
        if self.open is not None:
            opened = 17 if self.open.block_mode else 16
        totals, _ = self.memory.unreported()
        return {
            "fs": _flag(self.fiscal),
            "tz": _flag(not totals),
            "ts": str(opened),
            "hr": "1",
            "nu": self.unique_number,
            "td": _flag(self.read_only),
        }

    def _do_scnt(self, request: Request, interface: int) -> Answer:
        counters = {name: str(value) for name, value in self.memory.counters().items()}
        return {**counters, "nu": self.unique_number, "fc": "0"}

    def _do_stot(self, request: Request, interface: int) -> Answer:
        totals, _ = self.memory.unreported()
        found = {f"p{letter.lower()}": str(totals.get(letter, 0)) for letter in SLOTS}
        return {**found, **{f"f{letter.lower()}": "0" for letter in SLOTS}}

    def _do_vatget(self, request: Request, interface: int) -> Answer:
        return {
            f"v{letter.lower()}": f"{rate:.2f}".replace(".", ",")
            for letter, rate in zip(SLOTS, self.rates, strict=True)
        }

    def _do_rtcget(self, request: Request, interface: int) -> Answer:
        now = self.clock()
        return {"da": now.strftime("%Y-%m-%d;%H:%M"), "tm": now.astimezone().isoformat(timespec="seconds")}

    def _do_sprn(self, request: Request, interface: int) -> Answer:
        return {"pr": "0" if self.paper and self.cover_closed else "5" if self.cover_closed else "3"}

    def _do_sdev(self, request: Request, interface: int) -> Answer:
        state = 2 if self._key_awaited else 3 if self._blocked else 0
        others = self.waiting[interface] - (0 if request.at_once else 1)
        holder = 0 if self.open is None else self.open.interface
        return {"ds": str(state), "qe": _flag(others == 0), "pe": "0", "tl": str(holder)}

    def _do_eclastdocnoget(self, request: Request, interface: int) -> Answer:
        fields = Fields(request.command, request.fields, "ty")
        return {"di": str(self.memory.last_receipt() if fields.number("ty", Decimal(0)) == 0 else 0)}

    # --- a receipt -----------------------------------------------------------------------------------------------

    def _do_trinit(self, request: Request, interface: int) -> Answer:
        fields = Fields(request.command, request.fields, "bm")
        block_mode = fields.flag("bm", False)
        if self.open is not None:
            raise Refused(2038)
        if self.memory.documents() >= self.capacity:
            raise Refused(2098)
        _, first_day = self.memory.unreported()
        if first_day and first_day != self._today():
            raise Refused(383)
        if not block_mode:
            self._print()
        self.open = Transaction(list(self.rates), interface, block_mode, e_document=self._armed)
        self._armed = None
        return {}

    def _do_trline(self, request: Request, interface: int) -> Answer:
        opened = self._receipt()
        fields = Fields(request.command, request.fields, "na vt pr il wa jm op st rd rn rp rw")
        name = compared(fields.text("na", 80, must=True))
        if not name:
            raise Refused(2104)
        slot = fields.number("vt")
        if slot in range(7):
            self._check_step(opened, name, step(opened.rates[int(slot)]))
        opened.line(fields)
        if not opened.block_mode:
            self._print()
        return {}

    def _check_step(self, opened: Transaction, name: str, wanted: Decimal) -> None:
        known = [
            step(self.rates[SLOTS.index(one["slot"])])
            for one in opened.lines
            if compared(one["name"]) == name
        ]
        sold = self.memory.lowest_step(name)
        if sold is not None:
            known.append(sold)
        if known and wanted > min(known):
            raise Refused(2106)

    def _do_trdiscntbill(self, request: Request, interface: int) -> Answer:
        self._receipt().bill_discount(Fields(request.command, request.fields, "na rd rp rw"))
        return {}

    def _do_trpack(self, request: Request, interface: int) -> Answer:
        self._receipt().package(Fields(request.command, request.fields, "na ne pr il wa"))
        return {}

    def _do_trnipset(self, request: Request, interface: int) -> Answer:
        self._receipt().set_nip(Fields(request.command, request.fields, "ni dw ds"))
        return {}

    def _do_trpayment(self, request: Request, interface: int) -> Answer:
        self._receipt().payment(Fields(request.command, request.fields, "ty wa na re"))
        return {}

    def _do_trend(self, request: Request, interface: int) -> Answer:
        opened = self._receipt()
        fields = Fields(request.command, request.fields, "to op om fp re fe")
        finish = fields.flag("fe", True)
        opened.check_end(fields)
        totals, _ = self.memory.unreported()
        if any(totals.get(SLOTS[n], 0) + opened.slots[n] > TOTAL_MAX for n in range(7)):
            raise Refused(2010)
        self._print()
        names: dict[str, Decimal] = {}
        for line in opened.lines:
            name, rate = compared(line["name"]), step(opened.rates[SLOTS.index(line["slot"])])
            names[name] = min(names.get(name, rate), rate)
        self.memory.keep_receipt(opened.content(), self._today(), names)
        if finish:
            self.open = None
        else:
            opened.in_footer = True
        return {}

    def _do_trftrln(self, request: Request, interface: int) -> Answer:
        if self.open is None or not self.open.in_footer:
            raise Refused(2060)
        self.open.footer_line(Fields(request.command, request.fields, "id na sw sh"))
        return {}

    def _do_trftrend(self, request: Request, interface: int) -> Answer:
        Fields(request.command, request.fields, "")
        if self.open is None or not self.open.in_footer:
            raise Refused(2060)
        self._print()
        self.memory.add_footer(self.open.footer)
        self.open = None
        return {}

    def _do_prncancel(self, request: Request, interface: int) -> Answer:
        if self.open is None:
            return {}
        if not self.open.in_footer:
            self.memory.keep_cancelled(self.open.content(), self._today())
            # Whether a binding outlives its receipt is not documented: the worse case is played.
            self._armed = self.open.e_document
        self.open = None
        return {}

    def _do_trcancel(self, request: Request, interface: int) -> Answer:
        return self._do_prncancel(request, interface)

    def _do_hardprncancel(self, request: Request, interface: int) -> Answer:
        return self._do_prncancel(request, interface)

    def _receipt(self) -> Transaction:
        if self.open is None:
            raise Refused(2005)
        if self.open.in_footer:
            raise Refused(2060)
        return self.open

    # --- the rest ------------------------------------------------------------------------------------------------

    def _do_dailyrep(self, request: Request, interface: int) -> Answer:
        fields = Fields(request.command, request.fields, "da")
        day = fields.text("da", 10)
        if day and day.replace(".", "-").replace("/", "-") != self._today():
            raise Refused(2026)
        if self.open is not None:
            raise Refused(2038)
        totals, _ = self.memory.unreported()
        if not totals and self.memory.last_report_was_zero():
            raise Refused(382)
        if not day:
            self._key_awaited = True
            self.changed.wait_for(lambda: self.closed or not self._key_awaited)
        self._print()
        self.memory.keep_report(totals, self._today())
        return {}

    def _do_eparagonidznext(self, request: Request, interface: int) -> Answer:
        fields = Fields(request.command, request.fields, "id ad")
        fields.text("id", 128, must=True)
        fields.text("ad", 80)
        if not self.fiscal:
            raise Refused(2034)
        if self.open is not None and self.open.in_footer:
            raise Refused(2060)
        self._e_documents += 1
        if self.open is None:
            self._armed = self._e_documents
        else:
            self.open.e_document = self._e_documents
        return {"ha": str(self._e_documents)}

    def _do_eparagonidzcancel(self, request: Request, interface: int) -> Answer:
        self._armed = None
        if self.open is not None:
            self.open.e_document = None
        return {}


def _flag(value: bool) -> str:
    return "1" if value else "0"
