"""The runner on PostgreSQL: procrastinate carries wake-ups to whichever process is free; the store decides.

A job says only "look at case N". Who may work on a case is decided by the store's lease alone, so that a job that is
lost, doubled, late or left behind by a dead worker harms nothing: the sweep finds every case that is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.schema import SchemaManager
from procrastinate.worker import Worker
from sqlalchemy.exc import SQLAlchemyError

from pomost.engine.crew import MOST, Places, at_work
from pomost.engine.heartbeat import Heartbeat
from pomost.engine.work import Work, new_owner

log = structlog.get_logger("pomost.engine")

QUEUE = "pomost"
TASK = "pomost.advance"
SOON, LATER = 1, 0
"""Priorities: procrastinate keeps jobs with one lock in order, so a wake-up must overtake one that is set for later."""

_SCHEMA_LOCK = 7_266_781
_POLL_S = 1.0
_RESTART_S = 1.0

# procrastinate's own deferring refuses a whole batch when one of its cases is queued already
_WAKE = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
SELECT %(queue)s, %(task)s, %(priority)s, 'case:' || id, 'case:' || id, jsonb_build_object('case_id', id)
FROM unnest(%(ids)s::bigint[]) AS id
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""


class RestingWorker(Worker):
    """procrastinate's worker, whose places for jobs know of those that only wait.

    procrastinate has no way to say so. Its places are one semaphore, which it makes anew at each start; where a version
    to come has them elsewhere, ``places`` is not used, and waiting counts as work.
    """

    places: Places

    @property
    def _job_semaphore(self) -> Places:
        return self.places

    @_job_semaphore.setter
    def _job_semaphore(self, made: asyncio.Semaphore) -> None:
        self.places = Places(self.concurrency)


class ProcrastinateRunner:
    """Works on cases in ``timing.workers`` threads, not counting those that only wait; any number of processes may run one each on the same database.

    ``url`` is that of the store. Nothing is opened before ``start``; procrastinate's tables are made then.
    """

    def __init__(self, work: Work, url: str, owner: str = "") -> None:
        self._work = work
        self._conninfo = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self.owner = owner or new_owner()
        self._size = work.timing.workers
        self._threads = ThreadPoolExecutor(max(MOST, self._size), thread_name_prefix="pomost-worker")
        self._heartbeat = Heartbeat(work, self.owner)
        self._thread = threading.Thread(target=self._run, name="pomost-procrastinate", daemon=True)
        self._lock = threading.Lock()
        self._woken: set[int] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    def start(self) -> None:
        self._heartbeat.start()
        self._thread.start()

    def wake(self, case_ids: Iterable[int]) -> None:
        with self._lock:
            self._woken.update(case_ids)
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._some_woken.set)

    def stop(self, timeout_s: float = 30.0) -> bool:
        with self._lock:
            self._stopping = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._ending.set)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        self._threads.shutdown(wait=False)
        clean = not self._thread.is_alive()
        if clean and self._thread.ident is not None:
            self._heartbeat.stop()
        return clean

    # --- the thread with the loop --------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        """Serves until stopped; begins anew when the database was away."""
        self._some_woken, self._ending = asyncio.Event(), asyncio.Event()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            if self._stopping:
                self._ending.set()
            if self._woken:
                self._some_woken.set()
        try:
            while not self._ending.is_set():
                try:
                    await self._serve()
                except (ConnectorException, psycopg.Error, SQLAlchemyError) as error:
                    log.warning("database-unreachable", error=type(error).__name__)
                except Exception:
                    # a runner that ended silently would leave every order lying
                    log.exception("runner-begins-anew")
                if not self._ending.is_set():
                    await _pause(self._ending, _RESTART_S)
        finally:
            with self._lock:
                self._loop = None

    async def _serve(self) -> None:
        """One procrastinate worker until the stop, or until the database fails. Raises what it failed with."""
        await asyncio.to_thread(_apply_schema, self._conninfo)
        app = App(
            connector=PsycopgConnector(
                conninfo=self._conninfo, min_size=1, max_size=self._size + 3, timeout=10
            )
        )
        self._add_task(app)
        async with app.open_async():
            worker = RestingWorker(
                app,
                queues=[QUEUE],
                concurrency=self._size,
                fetch_job_polling_interval=min(self._work.timing.sweep_s, _POLL_S),
                delete_jobs=DeleteJobCondition.ALWAYS,
                install_signal_handlers=False,
                stalled_worker_timeout=10 * self._work.timing.lease_s,
            )
            self._worker = worker
            working = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
            beating = asyncio.create_task(self._beat(app, worker))
            others = [
                asyncio.create_task(self._hand_out(app)),
                asyncio.create_task(self._sweep(app)),
                asyncio.create_task(self._ending.wait()),
            ]
            await asyncio.wait([working, beating, *others], return_when=asyncio.FIRST_COMPLETED)
            for task in others:
                task.cancel()
            worker.stop()  # type: ignore[no-untyped-call]
            # the worker finishes its jobs first, and must not look dead to others meanwhile
            await asyncio.wait([working])
            beating.cancel()
            for ended in await asyncio.gather(working, beating, *others, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended

    def _add_task(self, app: App) -> None:
        @app.task(name=TASK, queue=QUEUE)
        async def advance(case_id: int) -> None:
            loop = asyncio.get_running_loop()
            due_at = await loop.run_in_executor(self._threads, self._work_on, case_id)
            if due_at is not None:
                await _defer(app, case_id, due_at)

    async def _beat(self, app: App, worker: Worker) -> None:
        """procrastinate's own heartbeat ends unnoticed at the first error, and before the last jobs are finished."""
        while True:
            await asyncio.sleep(self._work.held_s / 3)
            if worker.worker_id is not None:
                await app.job_manager.update_heartbeat(worker.worker_id)

    async def _hand_out(self, app: App) -> None:
        while True:
            await self._some_woken.wait()
            self._some_woken.clear()
            with self._lock:
                ids, self._woken = sorted(self._woken), set()
            await _wake(app, ids)

    async def _sweep(self, app: App) -> None:
        """Finds cases that nobody was woken for, and clears away the jobs of dead workers, which block theirs."""
        timing, manager = self._work.timing, app.job_manager
        while True:
            for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self._work.held_s):
                assert job.id is not None
                try:
                    await manager.finish_job_by_id_async(job.id, Status.ABORTED, delete_job=True)
                except ConnectorException:
                    log.info("stalled-job-already-cleared", job=job.id)
            due = await asyncio.to_thread(self._work.store.cases.due, self._work.now())
            if due:
                await _wake(app, due)
            ends_at = await asyncio.to_thread(self._work.store.cases.next_lease_end)
            left = timing.sweep_s if ends_at is None else ends_at - self._work.now()
            await asyncio.sleep(min(timing.sweep_s, max(left, 0.2)))

    def _rests(self, change: int) -> None:
        """From a thread that works: 1 when it begins to rest, -1 when it is done."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._worker.places.rests, change)

    # --- the threads that work -----------------------------------------------------------------------------------

    def _work_on(self, case_id: int) -> float | None:
        """Advances a case, again while it is woken meanwhile; gives when it is due again."""
        work = self._work
        try:
            while not self._stopping:
                claim = work.store.cases.claim_one(self.owner, case_id, work.held_s, work.now())
                if claim is None:
                    return None
                self._heartbeat.hold(claim)
                try:
                    with at_work(self._rests):
                        due_at = work.do(claim)
                finally:
                    self._heartbeat.drop(claim)
                if due_at is None or due_at > work.now():
                    return due_at
        except SQLAlchemyError as error:
            # the store is away: the lease ends by itself and the sweep takes the case up again
            log.warning("case-left-to-its-lease", case=case_id, error=type(error).__name__)
        return None


async def _wake(app: App, case_ids: list[int]) -> None:
    await app.connector.execute_query_async(_WAKE, queue=QUEUE, task=TASK, priority=SOON, ids=case_ids)


async def _defer(app: App, case_id: int, due_at: float) -> None:
    """Sets a wake-up for later; one that is set already stays, and the sweep finds what is due before it."""
    deferrer = app.configure_task(
        TASK,
        lock=f"case:{case_id}",
        queueing_lock=f"case:{case_id}:later",
        schedule_at=datetime.fromtimestamp(due_at, UTC),
        priority=LATER,
    )
    with contextlib.suppress(AlreadyEnqueued):
        await deferrer.defer_async(case_id=case_id)


async def _pause(until: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(until.wait(), seconds)


def _apply_schema(conninfo: str) -> None:
    """Makes procrastinate's tables unless they are there; processes that start together wait for one another."""
    with psycopg.connect(conninfo, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_SCHEMA_LOCK])
        known = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if known is None or known[0] is None:
            connection.execute(SchemaManager.get_schema())
