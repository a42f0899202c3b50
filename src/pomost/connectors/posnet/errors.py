"""What the printer's error numbers mean for whoever waits for the receipt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pomost.ports import Failure, NeedsPerson, StopConnection, TryAgain


@dataclass(frozen=True, slots=True)
class Problem:
    """A code with its text and advice, and the failure that says what comes next."""

    code: str
    kind: type[Failure]
    text: str
    advice: str


PROTOCOL = Problem(
    "posnet.protocol",
    StopConnection,
    "The printer did not understand a command of Pomost.",
    "This is a fault of Pomost or of the settings (code page, protocol POSNET): report it with the log.",
)
BUSY = Problem(
    "posnet.busy",
    TryAgain,
    "The printer is in use by another program or has its memory full of commands.",
    "It is tried again; if it stays, look which program holds the printer.",
)
CANCELLED = Problem(
    "posnet.cancelled",
    NeedsPerson,
    "The receipt was cancelled at the printer.",
    "Ask who cancelled it, then retry.",
)
DAILY_REPORT = Problem(
    "posnet.daily-report-due",
    NeedsPerson,
    "The printer wants the daily report before it sells.",
    "Print the daily report (raport dobowy) at the printer, then retry; or allow Pomost to do it.",
)
ZERO_REPORT = Problem(
    "posnet.daily-report-empty",
    NeedsPerson,
    "The printer refuses a second daily report without sales.",
    "Nothing has to be reported; look at the printer's clock and state, then retry.",
)
AMOUNTS = Problem(
    "posnet.amounts",
    NeedsPerson,
    "The printer counts the receipt otherwise than the document.",
    "Compare the lines, discounts and payments of the document, correct them, then retry.",
)
EMPTY = Problem(
    "posnet.zero-total",
    NeedsPerson,
    "A receipt of zero can't be printed.",
    "A free order needs no receipt: skip this step.",
)
VAT_SLOT = Problem(
    "posnet.no-vat-slot",
    NeedsPerson,
    "The printer has no letter for the VAT rate.",
    "Have the rate programmed in the printer, or correct it on the document, then retry.",
)
STATE = Problem(
    "posnet.state",
    TryAgain,
    "The printer was in another state than expected; the receipt was cancelled.",
    "It is tried again; if it stays, finish or cancel what is open at the printer.",
)
NIP = Problem(
    "posnet.bad-nip",
    NeedsPerson,
    "The buyer's NIP is not correct.",
    "Correct the NIP on the order, or take it out, then retry.",
)
READ_ONLY = Problem(
    "posnet.read-only",
    StopConnection,
    "The printer is in read-only mode and sells no more.",
    "Call the printer's service; meanwhile set another printer.",
)
MEMORY = Problem(
    "posnet.memory-full",
    StopConnection,
    "The printer's fiscal or protected memory is full or locked.",
    "Call the printer's service; meanwhile set another printer.",
)
MEMORY_FAULT = Problem(
    "posnet.memory-fault",
    StopConnection,
    "The printer reports a fault of its fiscal memory.",
    "Call the printer's service; meanwhile set another printer.",
)
GOODS = Problem(
    "posnet.goods-name",
    NeedsPerson,
    "The printer does not accept the name of the goods, or its base of goods is full.",
    "Correct the name on the item's card, or have the service clear the base, then retry.",
)
RATE_STEP = Problem(
    "posnet.rate-step",
    NeedsPerson,
    "The printer sold goods of this name at a lower VAT rate before and never sells them at a higher one.",
    "Correct the VAT rate, or give the goods another name (short name or SKU), then retry.",
)
NOT_FISCAL = Problem(
    "posnet.not-fiscal",
    StopConnection,
    "The printer is not in fiscal mode: what it prints is no receipt.",
    "Have the printer fiscalised, or allow training mode in the settings for a trial.",
)
NOT_SET_UP = Problem(
    "posnet.not-set-up",
    StopConnection,
    "The printer has no header or no VAT rates yet.",
    "Have the printer's service programme the header and the rates.",
)
CLOCK = Problem(
    "posnet.clock",
    NeedsPerson,
    "The printer's clock is wrong or its day has changed.",
    "Check date and time at the printer, then retry.",
)
SERVER = Problem(
    "posnet.e-document",
    NeedsPerson,
    "The printer can't make an e-document.",
    "Check the e-document server and certificate in the printer's menu, then retry.",
)
ONLINE = Problem(
    "posnet.online-service",
    NeedsPerson,
    "The printer has trouble with its certificate or with the ministry's repository.",
    "Connect the printer to the internet and call its service if it stays, then retry.",
)


def _table(groups: Iterable[tuple[Problem, Iterable[int]]]) -> dict[int, Problem]:
    return {number: problem for problem, numbers in groups for number in numbers}


NUMBERS = _table(
    (
        (PROTOCOL, (1, 2, 3, 4, 5, 6, 10, 12, 15, 400, 499, 752, 2600, 2702, 2703, 2705)),
        (BUSY, (11, 14, 40, 41, 323, 731, 3804)),
        (CANCELLED, (30,)),
        (DAILY_REPORT, (383, 2010, 3711)),
        (ZERO_REPORT, (382,)),
        (AMOUNTS, range(1950, 1993)),
        (AMOUNTS, (2001, 2006, 2007, 2008, 2009, 2052, 2054, 2601, *range(2801, 2811), *range(2851, 2854))),
        (EMPTY, (2041,)),
        (VAT_SLOT, (2000, 2102, 2103, 2701)),
        (STATE, (2005, 2038, 2060, 2062)),
        (NIP, (2031, 2096)),
        (READ_ONLY, (2036,)),
        (MEMORY, (387, 388, 1013, 1039, 2098, *range(2900, 2931))),
        (MEMORY_FAULT, (*range(1000, 1013), *range(1015, 1039), *range(1040, 1080))),
        (GOODS, (2101, 2104, 2107)),
        (RATE_STEP, (2105, 2106)),
        (NOT_FISCAL, (2034,)),
        (NOT_SET_UP, (2002, 2003, 2004)),
        (CLOCK, (*range(460, 465), *range(2019, 2027))),
        (SERVER, range(4250, 4278)),
        (ONLINE, (*range(3720, 3739), *range(3901, 3934))),
    )
)


def failure_for(number: int, command: str, what: str = "", field: str = "") -> Failure:
    """The failure of an error number answered to ``command``; ``what`` names the line or receipt it concerns."""
    known = NUMBERS.get(number)
    where = f"error {number}, command {command}" + (f", field {field}" if field else "")
    subject = f" {what}" if what else ""
    if known is None:
        return NeedsPerson(
            "posnet.unknown-error",
            f"The printer answered an error that Pomost does not know ({where}).{subject}",
            f"Look error {number} up in the printer's manual, remove its cause, then retry.",
            number=str(number),
        )
    return failure_of(known, f"({where}){'.' if not subject else ':'}{subject}", number=str(number))


def failure_of(problem: Problem, more: str = "", **facts: str) -> Failure:
    """The failure of ``problem``; ``more`` is added to its text."""
    text = f"{problem.text} {more}" if more else problem.text
    return problem.kind(problem.code, text, problem.advice, **facts)
