"""Each benchmark runs in a tiny form, says all that it must, and is discarded when a destination lacks or doubles something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bench import floor, latency, orders, recovery, throughput, wall, workers
from bench.stand import Stand
from bench.verdict import FILE, WZ, Report, faults_of, percentile
from pomost.ledger import schema
from pomost.sql import Database

PARTS = ("==", "Criteria", "Machine", "Settings", "Figures", "Verdict", "Not established")
TINY: dict[str, Callable[[], int]] = {
    "throughput": partial(throughput.run, seconds=3, delay=0.0, workers=4, backlog=20),
    "latency": partial(latency.run, orders=3, delay=0.0, every=0.1),
    "recovery-again": partial(
        recovery.run, "again", kills=1, lease=1.0, sweep=0.2, delay=0.1, workers=2, unfinished=8
    ),
    "floor": partial(floor.run, orders=6),
}
LONGER: dict[str, Callable[[], int]] = {
    "throughput-with-staff": partial(
        throughput.run, seconds=6, delay=0.0, workers=4, backlog=10, preset="ro-fs-wz"
    ),
    "latency-limited": partial(latency.run, orders=3, delay=0.0, limited=True, every=0.1),
    "wall": partial(
        wall.run, "ro-fs-wz-at-once", seconds=4, skip=8, delay=0.0, unfinished=6, poll=1, linger=0.1
    ),
    "workers": partial(workers.run, seconds=2, delay=0.2, threads=1, cpu_seconds=0, settle=1),
    "recovery-beside": partial(
        recovery.run, "beside", kills=1, lease=1.0, sweep=0.2, delay=0.1, workers=2, unfinished=8
    ),
}


def parts_of(printed: str) -> list[str]:
    return [part for line in printed.splitlines() for part in PARTS if line.startswith(part)]


@pytest.mark.parametrize(
    "run",
    [
        *(pytest.param(run, id=name) for name, run in TINY.items()),
        *(pytest.param(run, id=name, marks=pytest.mark.slow) for name, run in LONGER.items()),
    ],
)
def test_a_benchmark_says_all_that_it_must_and_is_valid(
    run: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    code = run()
    printed = capsys.readouterr().out
    verdict = re.findall(r"^Verdict: (\w+)", printed, re.M)

    assert (parts_of(printed), verdict) == (list(PARTS), ["VALID"]), printed
    assert code == (1 if "NOT MET" in printed else 0)


def test_a_benchmark_is_discarded_when_the_ledger_lost_a_document(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_one_and_count(stand: Stand) -> list[str]:
        take_away(stand, "WZ", finished_order(stand))
        return faults_of(stand)

    monkeypatch.setattr(throughput, "faults_of", lose_one_and_count)
    code = throughput.run(seconds=4, delay=0.0, workers=4, backlog=20)
    printed = capsys.readouterr().out

    assert code == 2
    assert "Verdict: DISCARDED, 1 faults" in printed
    assert re.search(r"order \d+: the ledger has \['RO/\d+/\d+', '(FS|PA)/\d+/\d+', ''\]", printed)


def test_the_profile_names_our_own_functions(tmp_path: Path) -> None:
    throughput.run(seconds=4, delay=0.0, workers=2, backlog=10, profile=tmp_path / "profile.txt")

    assert re.search(r" +\d+\.\d\d +\d+  engine/work.py:\d+ do\n", (tmp_path / "profile.txt").read_text())


# --- what the count at the destinations sees -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    """Eight finished orders. Each test damages one of its own."""
    with Stand(delay_s=0.0, engine={"workers": 4}) as stand:
        stand.place(8)
        child = stand.start()
        assert stand.run_until(8, 60)
        stand.stop(child)
        assert faults_of(stand, all_finished=True) == []
        yield stand


def take_away(stand: Stand, kind: str, order: int) -> None:
    """The document disappears from the ledger, without a trace."""
    with_ledger(
        stand,
        lambda connection: connection.execute(
            update(schema.document)
            .where(schema.document.c.foreign_number == str(order), schema.document.c.kind == kind)
            .values(foreign_number="", kind="PW")
        ),
    )


def double(stand: Stand, order: int) -> None:
    documents = schema.document

    def act(connection: object) -> None:
        row = dict(
            connection.execute(  # type: ignore[attr-defined]
                select(documents).where(documents.c.foreign_number == str(order), documents.c.kind == "RO")
            )
            .mappings()
            .one()
        )
        del row["id"]
        connection.execute(  # type: ignore[attr-defined]
            insert(documents).values({**row, "key": "another", "number": "RO/9999/2026"})
        )

    with_ledger(stand, act)


def with_ledger(stand: Stand, act: Callable[..., object]) -> None:
    database = Database(stand.config.ledger.url)
    with database.writing() as connection:
        act(connection)
    database.close()


def finished_order(stand: Stand) -> int:
    return next(int(order["order_id"]) for order in stand.shop.orders() if order["status"] == "Wysłane")


def change_field(stand: Stand, order: int, **fields: object) -> None:
    stand.shop.edit(order, custom_extra_fields=fields)


DAMAGES: list[tuple[str, Callable[[Stand, int], None], str]] = [
    ("a document is missing", lambda stand, order: take_away(stand, "WZ", order), "the channel shows"),
    ("a document is doubled", double, "has more than one RO"),
    (
        "the channel shows another number",
        lambda stand, order: change_field(stand, order, **{WZ: "WZ/0/2026"}),
        "the channel shows",
    ),
    ("the PDF is gone", lambda stand, order: change_field(stand, order, **{FILE: ""}), "has no PDF"),
    ("the order is not finished", lambda stand, order: stand.shop.move(order, "Spakowane"), "is Spakowane"),
    ("the order is gone", lambda stand, order: stand.shop.remove(order), "is not in the channel"),
]


@pytest.mark.parametrize(
    ("place", "damage", "told"),
    [pytest.param(place, damage, told, id=name) for place, (name, damage, told) in enumerate(DAMAGES)],
)
def test_damage_at_a_destination_is_told(
    stand: Stand, place: int, damage: Callable[[Stand, int], None], told: str
) -> None:
    order = stand.placed[place]
    before = faults_of(stand, all_finished=True)
    damage(stand, order)
    new = [fault for fault in faults_of(stand, all_finished=True) if fault not in before]

    assert len(new) == 1
    assert new[0].startswith(f"order {order}")
    assert told in new[0]


def test_an_order_that_nobody_placed_is_told(stand: Stand) -> None:
    stray = stand.placed.pop()
    try:
        assert f"order {stray} is in the ledger and nobody placed it" in faults_of(stand)
    finally:
        stand.placed.append(stray)


# --- the form ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("met", "faults", "code", "verdict"),
    [
        pytest.param(True, [], 0, "Verdict: VALID; every bar met", id="all-well"),
        pytest.param(False, [], 1, "Verdict: VALID; bars not met: rate", id="bar-missed"),
        pytest.param(None, [], 0, "Verdict: VALID", id="no-bar"),
        pytest.param(True, ["x"], 2, "Verdict: DISCARDED, 1 faults", id="faults-outweigh-bars"),
    ],
)
def test_the_verdict_follows_bars_and_faults(
    met: bool | None, faults: list[str], code: int, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report("name", ["criterion"], {"setting": 1}, ["all else"])
    report.figure("rate", "1", met, ">= 1")
    given = report.end(faults)
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("Verdict"))

    assert given == code
    assert line.startswith(verdict)
    assert met is not None or line == verdict


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        pytest.param([3, 1, 2], 0.95, 3, id="last-of-few"),
        pytest.param(list(range(1, 101)), 0.95, 95, id="hundred"),
        pytest.param(list(range(1, 21)), 0.95, 19, id="twenty"),
        pytest.param([7], 0.5, 7, id="one"),
    ],
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(
    values: list[float], share: float, expected: float
) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize("kind", ["throughput", "latency", "wall", "workers", "recovery", "floor"])
def test_every_option_of_the_command_is_an_argument_of_its_benchmark(kind: str) -> None:
    given = vars(orders.parser().parse_args([kind]))
    run = given.pop("run")
    given.pop("what")

    assert set(given) <= set(run.__annotations__)
