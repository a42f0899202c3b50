"""``pomost``: set up, run, look, decide."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pomost import __version__, logs
from pomost.bootstrap import Pomost, assemble
from pomost.catalogues import doubtful_catalogues
from pomost.checking import check
from pomost.cli import changing, items, users
from pomost.cli.decisions import resolve_step, skip_step, spread_refund
from pomost.cli.doctor import doctor
from pomost.cli.faults import Commands
from pomost.cli.importing import export_app, import_app
from pomost.cli.prices import prices_app
from pomost.cli.printing import print_agent
from pomost.cli.recipes import recipe_of
from pomost.cli.reporting import report
from pomost.cli.retrying import STOPPED, WAKEABLE, Selection, retry_all
from pomost.cli.sandboxes import Kind, run_kind
from pomost.cli.setup import TEMPLATE
from pomost.cli.shipping import carriers_app, ship
from pomost.cli.stock import stock_app
from pomost.cli.words import (
    WARSAW,
    case_table,
    console,
    language_of,
    moment,
    problem_text,
    reason,
    say,
    tell,
    word,
)
from pomost.config.load import load_config
from pomost.flows import catalogue
from pomost.flows.dry_run import dry_run
from pomost.ledger import receive_draft
from pomost.ports import Failure
from pomost.store.queries import ATTENTION, CaseLine
from pomost.words import event_word, field_word, in_language, one_text, phrase

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="Orders from where people buy become documents in the ERP, exactly once.",
)
flow_app = typer.Typer(no_args_is_help=True, help="Flows of the catalogue.")
item_app = typer.Typer(no_args_is_help=True, help="Items of the embedded ledger.")
app.add_typer(flow_app, name="flow")
app.add_typer(item_app, name="item")
app.add_typer(stock_app, name="stock")
app.add_typer(import_app, name="import")
app.add_typer(export_app, name="export")
app.add_typer(prices_app, name="prices")
items.app.command("change")(changing.change)
app.add_typer(items.app, name="items")
app.add_typer(users.app, name="users")
app.command("report")(report)
app.command("print-agent")(print_agent)
app.command("doctor")(doctor)
app.add_typer(carriers_app, name="carriers")
app.command("ship")(ship)

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
DEFAULT = Path("pomost.toml")


def _pomost(path: Path) -> Pomost:
    return assemble(load_config(path))


def _one(pomost: Pomost, order: str) -> CaseLine:
    found = pomost.store.queries.find(order)
    if len(found) == 1:
        return found[0]
    language = pomost.config.language
    if not found:
        tell(language, "unseen", order=order)
    else:
        tell(language, "several", order=order)
        console.print(case_table(found, language))
    pomost.close()
    raise typer.Exit(1)


@app.command()
def version() -> None:
    """The version of Pomost."""
    console.print(__version__)


@app.command()
def init(
    path: ConfigPath = DEFAULT,
    force: Annotated[bool, typer.Option(help="Replace a file that is there.")] = False,
) -> None:
    """Writes a commented pomost.toml to begin with."""
    if path.exists() and not force:
        tell(language_of(path), "exists", "red", path=path)
        raise typer.Exit(2)
    path.write_text(TEMPLATE, encoding="utf-8")
    tell(language_of(path), "written", path=path)


@app.command(name="check")
def check_command(
    path: ConfigPath = DEFAULT,
    online: Annotated[
        bool, typer.Option(help="Also ask the channels for their statuses and fields.")
    ] = False,
) -> None:
    """Says what is wrong in the configuration, where, and what to write instead."""
    config = load_config(path)
    problems = check(config, online=online)
    for problem in problems:
        console.print(f"{path} {problem_text(config.language, problem)}", markup=False, soft_wrap=True)
    for doubtful in doubtful_catalogues(config):
        text = f"{path} {problem_text(config.language, doubtful)}"
        console.print(text, style="yellow", markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(2)
    tell(config.language, "right", "green", path=path)


@app.command()
def serve(path: ConfigPath = DEFAULT) -> None:
    """Runs everything in one process, with the page and /health, until stopped (Ctrl+C, SIGTERM). SIGHUP reads the file anew."""
    from pomost.panel.restarting import is_free
    from pomost.panel.serve import serve as run

    pomost = _pomost(path)
    config = pomost.config
    if not is_free(config.host, config.port):
        tell(config.language, "port-taken", "red", host=config.host, port=config.port)
        raise typer.Exit(2)
    logs.start(config.data_dir, config.logs)
    tell(config.language, "serving", url=f"http://{config.host}:{config.port}/")
    raise typer.Exit(
        run(pomost, path.resolve(), lambda link: tell(config.language, "first-link", "bold", link=link))
    )


@app.command()
def worker(path: ConfigPath = DEFAULT) -> None:
    """Adds a worker to a Pomost on PostgreSQL: it works on cases and looks at nothing."""
    from pomost.panel.serve import work

    pomost = _pomost(path)
    if pomost.config.database.url.startswith("sqlite"):
        tell(pomost.config.language, "needs-postgres", "red")
        raise typer.Exit(2)
    logs.start(pomost.config.data_dir, pomost.config.logs)
    tell(pomost.config.language, "working", sources=", ".join(look.watched.name for look in pomost.lookers))
    raise typer.Exit(work(pomost))


@app.command()
def sandbox(
    context: typer.Context,
    kind: Annotated[Kind, typer.Option(help="What is run.")] = Kind.BASELINKER,
    port: Annotated[
        int, typer.Option(help="Of the other kinds, unless it is named: 8091, 8092, 8093.")
    ] = 8090,
    orders: int = 20,
    rate: Annotated[float, typer.Option(help="Orders per minute that buyers go on placing.")] = 6.0,
    limit: Annotated[
        int, typer.Option(help="Calls per minute before the token is blocked; 0: no limit.")
    ] = 100,
    delay: Annotated[float, typer.Option(help="Seconds each call takes.")] = 0.0,
    pack_after: Annotated[
        float, typer.Option(help="Seconds after which staff pack what is in progress; 0: never.")
    ] = 10.0,
    seed: int = 1,
    state: Annotated[str, typer.Option(help="File that keeps the state; empty: it forgets.")] = "",
    replay: Annotated[str, typer.Option(help="CSV file of real orders to place.")] = "",
    journal: bool = True,
    products: Annotated[int, typer.Option(help="Articles generated for the catalogue, up to 1000000.")] = 0,
) -> None:
    """Runs a BaseLinker on this machine, with buyers who order and staff who pack; or a WooCommerce shop, an InPost (shipx), an
    Apaczka."""
    from pomost.sandbox.baselinker import Settings
    from pomost.sandbox.baselinker.run import Options, run

    settings = Settings(limit=limit, delay_s=delay, journal=journal)
    options = Options(port, Path(state) if state else None, orders, seed, settings, rate, pack_after, replay)
    options.products = products
    try:
        if kind is Kind.BASELINKER:
            run(options)
        else:
            run_kind(kind, context)
    except ValueError as error:
        # a file that can't be replayed
        tell(language_of(DEFAULT), "system", "red", why=error)
        raise typer.Exit(2) from error


@app.command()
def plan(
    path: ConfigPath = DEFAULT,
    limit: Annotated[int, typer.Option(help="At most so many orders.")] = 20,
) -> None:
    """The dry run: reads orders from the sources and says what would be made of them. Nothing is made or written."""
    pomost = _pomost(path)
    language = pomost.config.language
    table = Table()
    for key in ("order", "status", "flow", "step", "act"):
        table.add_column(word(language, key))
    shown = 0
    for looker in pomost.lookers:
        watched = looker.watched
        if watched.flow not in pomost.flows:
            continue
        flow = pomost.flows[watched.flow]
        with console.status(say(language, "reading", source=watched.name)):
            seen = list(looker.preview(limit - shown))
        for case, steps in seen:
            result = dry_run(flow, case, steps, pomost.ledger, pomost.store)
            rows = [(line.step, escape(phrase(language, "act", line.act))) for line in result.lines]
            rows += [
                (wait.step, f"[yellow]{reason(language, wait.as_json())}[/yellow]") for wait in result.waits
            ]
            for place, (step, act) in enumerate(rows or [("", word(language, result.state))]):
                table.add_row(
                    *((case.number, case.status, flow.name) if place == 0 else ("", "", "")), step, act
                )
            shown += 1
    if shown:
        console.print(table)
    else:
        tell(language, "nothing-to-plan")
    pomost.close()


@app.command()
def explain(order: str, path: ConfigPath = DEFAULT) -> None:
    """The history of one order: each step with its cause and answer, what it waits for, and why."""
    pomost = _pomost(path)
    language = pomost.config.language
    line = _one(pomost, order)
    console.print(case_table([line], language))
    for item in pomost.store.steps.history(line.id):
        data = {
            key: value for key, value in item.data.items() if key in SHOWN and value not in ("", None, {}, [])
        }
        code = str(data.get("code", ""))
        for key in {"text", "advice"} & set(data):
            data[key] = one_text(language, str(data[key]), code)
        text = " ".join(f"{field_word(language, key)}={value}" for key, value in data.items())
        what = event_word(language, item.what)
        console.print(
            f"{moment(item.at)}  {what:<12} {item.step:<14} {text}",
            soft_wrap=True,
            highlight=False,
            markup=False,
        )
    for wait in (line.waits, *line.waits.get("also", [])):
        if wait:
            code = str(wait.get("code", ""))
            said = in_language(language, code, str(wait.get("text", "")), str(wait.get("advice", "")))
            console.print(
                " ".join((*said, code)), style="yellow", markup=False, highlight=False, soft_wrap=True
            )
    pomost.close()


SHOWN = (
    "status",
    "kind",
    "number",
    "gross",
    "currency",
    "difference",
    "vat",
    "left",
    "refund",
    "fields",
    "file",
    "code",
    "text",
    "advice",
    "placed",
    "receipt",
    "printer",
    "mailed",
    "left_out",
    "who",
)


@app.command()
def status(path: ConfigPath = DEFAULT) -> None:
    """How it stands: connections, orders by state, documents by kind, and what needs a person."""
    pomost = _pomost(path)
    language = pomost.config.language
    looks = Table()
    for key in ("source", "looked", "found", "note"):
        looks.add_column(word(language, key))
    for look in pomost.store.looks.all():
        looks.add_row(
            look.source,
            moment(look.looked_at),
            str(look.found),
            escape(one_text(language, look.stopped or look.note)),
        )
    console.print(looks)
    states = Table()
    states.add_column(word(language, "state"))
    states.add_column(word(language, "count"), justify="right")
    for state, count in sorted(pomost.store.queries.counts().items()):
        states.add_row(word(language, state), str(count))
    console.print(states)
    console.print(document_table(pomost, language))
    waiting = pomost.store.queries.in_state(ATTENTION)
    if waiting:
        console.print(case_table(waiting, language))
    else:
        console.print(word(language, "nothing"))
    pomost.close()


def document_table(pomost: Pomost, language: str) -> Table:
    table = Table()
    for key in ("company", "kind", "count", "total"):
        table.add_column(word(language, key), justify="left" if key in ("company", "kind") else "right")
    for total in pomost.ledger.totals():
        amount = f"{total.gross:,.2f} {total.currency}".replace(",", " ")
        table.add_row(total.company, total.kind, str(total.count), amount)
    return table


@app.command()
def retry(
    order: Annotated[str, typer.Argument(help="One order; leave it out with --all.")] = "",
    path: ConfigPath = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="All that a passing cause stopped.")] = False,
    state: Annotated[
        list[str] | None,
        typer.Option(help="With --all: person, stopped, retrying (these three if not given), waiting."),
    ] = None,
    code: Annotated[str, typer.Option(help="With --all: only this code, or this area of codes.")] = "",
    source: Annotated[str, typer.Option(help="With --all: only orders and returns of this source.")] = "",
    dry: Annotated[bool, typer.Option("--dry-run", help="With --all: only say which.")] = False,
) -> None:
    """Tries an order again now, or all that a passing cause stopped; never what is in doubt."""
    if every == bool(order):
        tell(language_of(path), "order-or-all", "red")
        raise typer.Exit(2)
    pomost = _pomost(path)
    language = pomost.config.language
    if every:
        unknown = next((one for one in state or () if one not in WAKEABLE), "")
        if unknown:
            known = f"{', '.join(WAKEABLE)}; doubt: pomost resolve"
            tell(language, "bad-state", "red", state=unknown, known=known)
            pomost.close()
            raise typer.Exit(2)
        retry_all(pomost, Selection(tuple(state or STOPPED), code, source), dry_run=dry)
    else:
        line = _one(pomost, order)
        pomost.store.cases.wake([line.id], pomost.work.now(), reset=True)
        tell(language, "retried", order=line.number, seconds=pomost.config.engine.sweep_s)
    pomost.close()


@app.command()
def skip(order: str, step: str, path: ConfigPath = DEFAULT, who: str = "operator") -> None:
    """Leaves a step of an order out for good."""
    pomost = _pomost(path)
    skip_step(pomost, _one(pomost, order), step, who)
    pomost.close()


@app.command()
def spread(order: str, path: ConfigPath = DEFAULT, who: str = "operator") -> None:
    """Lowers the prices of a sale by money that a return paid back for no goods; the return is named as 101-44."""
    pomost = _pomost(path)
    spread_refund(pomost, _one(pomost, order), who)
    pomost.close()


@app.command()
def resolve(
    order: str,
    step: str,
    happened: Annotated[bool, typer.Option("--happened/--did-not-happen", help="What you found there.")],
    number: Annotated[str, typer.Option(help="The number of the document that you found.")] = "",
    path: ConfigPath = DEFAULT,
    who: str = "operator",
) -> None:
    """Decides a step in doubt: it happened (do not repeat it), or it did not (do it again)."""
    pomost = _pomost(path)
    resolve_step(pomost, _one(pomost, order), step, happened, number, who)
    pomost.close()


@flow_app.command("list")
def flow_list() -> None:
    """The flows of the catalogue."""
    for name in catalogue.names():
        first = catalogue.text_of(name).splitlines()[0].lstrip("# ")
        console.print(f"[bold]{name}[/bold]  {first}", soft_wrap=True)


@flow_app.command("show")
def flow_show(name: str) -> None:
    """A flow of the catalogue as text, to be copied into pomost.toml and edited."""
    console.print(catalogue.text_of(name), highlight=False, markup=False, soft_wrap=True, end="")


@item_app.command("add")
def item_add(
    company: str, sku: str, name: str, vat: str = "23", kind: str = "goods", path: ConfigPath = DEFAULT
) -> None:
    """Adds an item card; orders that wait for it go on by themselves."""
    pomost = _pomost(path)
    try:
        card = {"sku": sku, "name": name, "vat": vat, "kind": kind}
        added = pomost.ledger.setup.add_items(company, [card])
    except Failure as failure:
        why = " ".join(
            in_language(pomost.config.language, failure.code, failure.text, failure.advice)
        ).strip()
        tell(pomost.config.language, "system", "red", why=why)
        raise typer.Exit(2) from failure
    tell(pomost.config.language, "added" if added else "known-item", sku=sku)
    pomost.close()


@item_app.command("recipe")
def item_recipe(company: str, sku: str, parts: list[str], path: ConfigPath = DEFAULT) -> None:
    """What one piece of an item with a card is made of: PART=QUANTITY or PART=QUANTITY+LOSS (percent) for each part."""
    pomost = _pomost(path)
    try:
        pomost.ledger.setup.put_recipe(company, sku, recipe_of(parts))
    except Failure as failure:
        tell(pomost.config.language, "system", "red", why=failure)
        raise typer.Exit(2) from failure
    console.print(f"{sku}: {', '.join(parts)}")
    pomost.close()


@item_app.command("receive")
def item_receive(
    company: str, warehouse: str, sku: str, quantity: str, cost: str, key: str, path: ConfigPath = DEFAULT
) -> None:
    """Puts goods into a warehouse with a PW. The same key never does it twice."""
    pomost = _pomost(path)
    try:
        goods = {sku: (Decimal(quantity), Decimal(cost))}
        day = datetime.now(WARSAW).date()
        document = pomost.ledger.issue(receive_draft(company, warehouse, key, day, goods))
    except InvalidOperation as error:
        tell(pomost.config.language, "no-number-text", "red", quantity=quantity, cost=cost)
        raise typer.Exit(2) from error
    console.print(document.number)
    pomost.close()


@app.command()
def demo(
    orders: Annotated[int, typer.Option(min=1)] = 300,
    folder: Path = Path("pomost-demo"),
    language: str = "pl",
    delay: float = 0.0,
) -> None:
    """The main job on the sandbox: orders in, documents, PDFs, numbers and statuses out."""
    from pomost.cli.demo import run

    raise typer.Exit(run(orders, folder, language, delay))
