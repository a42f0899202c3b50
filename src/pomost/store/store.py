"""The store as a whole: one database and its parts."""

from __future__ import annotations

from pathlib import Path

from pomost.migrate import Migrations, upgrade
from pomost.sql import Database
from pomost.store.acts import Acts
from pomost.store.anew import Anew
from pomost.store.audits import Audits
from pomost.store.births import Births
from pomost.store.bounces import Bounces
from pomost.store.cards import Cards
from pomost.store.carried import Carried
from pomost.store.cases import Cases, with_steps
from pomost.store.figures import Figures
from pomost.store.limits import Limits
from pomost.store.lists import Lists
from pomost.store.looks import Looks
from pomost.store.numbers import Numbers
from pomost.store.outbox import Outbox
from pomost.store.overview import Overview
from pomost.store.pending import Pending
from pomost.store.people import People
from pomost.store.pickups import Pickups
from pomost.store.plans import Plans
from pomost.store.prints import Prints
from pomost.store.products import Products
from pomost.store.purchases import Purchases
from pomost.store.queries import Queries
from pomost.store.questions import Questions
from pomost.store.shelf import Shelf
from pomost.store.shipments import Shipments
from pomost.store.steps import Steps
from pomost.store.throttles import Throttles
from pomost.store.worklists import WorkLists


class Store:
    """Everything Pomost itself remembers."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.pending = Pending(database)
        self.pending.read = with_steps
        self.outbox = Outbox(database)
        self.cases = Cases(database, self.pending, self.outbox)
        self.steps = Steps(database, self.pending, self.outbox)
        self.looks = Looks(database)
        self.purchases = Purchases(database)
        self.limits = Limits(database)
        self.bounces = Bounces(database)
        self.products = Products(database)
        self.figures = Figures(database)
        self.carried = Carried(database)
        self.cards = Cards(database)
        self.births = Births(database)
        self.anew = Anew(database)
        self.questions = Questions(database)
        self.plans = Plans(database)
        self.queries = Queries(database)
        self.lists = Lists(database)
        self.overview = Overview(database)
        self.people = People(database)
        self.throttles = Throttles(database)
        self.audits = Audits(database)
        self.prints = Prints(database)
        self.numbers = Numbers(database)
        self.acts = Acts(database)
        self.shelf = Shelf(database)
        self.shipments = Shipments(database)
        self.pickups = Pickups(database)
        self.worklists = WorkLists(database)

    def close(self) -> None:
        self.database.close()


MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "store_version")


def open_store(url: str, *, durable: bool = True) -> Store:
    """Opens the store and brings its tables up to date."""
    database = Database(url, durable=durable)
    upgrade(database, MIGRATIONS)
    return Store(database)
