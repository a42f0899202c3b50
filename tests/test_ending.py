"""A process that is told to end does end, wherever the signal finds it."""

from __future__ import annotations

import subprocess
import sys

EVERYWHERE = """
import os, signal, sys, threading
from pomost.ending import Signalled

def event():
    event = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: event.set())
    return event

make = {"Signalled": Signalled, "Event": event}[sys.argv[1]]

def struck_at(number):
    '''The signal comes before the line of this number that a wait runs; whether there is such a line.'''
    ending, lines = make(), 0

    def on_line(frame, kind, argument):
        nonlocal lines
        if kind == "line":
            if lines == number:
                os.write(1, f"{frame.f_code.co_name}:{frame.f_lineno}\\n".encode())
                os.kill(os.getpid(), signal.SIGTERM)
            lines += 1
        return on_line

    sys.settrace(lambda frame, kind, argument: on_line if frame.f_code.co_filename != "<string>" else None)
    ended = ending.wait(0.3)
    sys.settrace(None)
    return ended or ending.is_set()

number = 0
while struck_at(number):
    number += 1
print("all", number)
"""


def struck(what: str, seconds: float) -> str:
    command = [sys.executable, "-c", EVERYWHERE, what]
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, check=True
        ).stdout.splitlines()[-1]
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode().splitlines()[-1]


def test_a_signal_ends_a_wait_at_whichever_line_it_comes() -> None:
    said, number = struck("Signalled", 60).split()

    assert said == "all"
    assert int(number) > 3, "it must have come at several lines"


def test_an_event_waits_for_itself_for_ever_when_the_signal_comes_inside_its_lock() -> None:
    """Why Signalled is there; when Python mends this, an Event will do."""
    assert not struck("Event", 4).startswith("all")
