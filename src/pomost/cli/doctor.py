"""``pomost doctor``: looks over the connections as they stand and says what is well, what is doubtful, and what must be mended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pomost.bootstrap import Pomost, assemble
from pomost.cli.words import console
from pomost.config.load import load_config
from pomost.connecting import ask, connections, kind_of
from pomost.connectors.woocommerce import WooCommerceChannel
from pomost.connectors.woocommerce.doctor import Finding
from pomost.ports import NeedsPerson
from pomost.words import in_language

STYLES = {"ok": "green", "warning": "yellow", "fault": "red"}
TEXTS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "columns": "połączenie|co|wynik|opis",
        "ok": "dobrze", "warning": "uwaga", "fault": "błąd",
        "answers": "Odpowiada.",
        "unasked": "To inna baza niż ta, z którą pracuje Pomost; nie zapytano.",
        "address-ok": "API WooCommerce odpowiada pod {url}.",
        "address-fault-permalinks": "WordPress odpowiada, ale ma bezpośrednie odnośniki „Prosty”: klucze wtedy nie działają. Ustawienia, Bezpośrednie odnośniki: wybierz dowolny inny rodzaj.",
        "address-fault-no-woocommerce": "To WordPress bez WooCommerce. Włącz wtyczkę WooCommerce albo popraw url.",
        "address-warning-http": "Sklep jest pod http: dane kupujących idą otwartym tekstem. Włącz w sklepie https i wpisz ten adres w url.",
        "keys-ok": "Klucze czytają zamówienia ({sign_in}).",
        "keys-fault-stripped": 'Serwer sklepu usuwa nagłówek Authorization: te same klucze działają w adresie. Poproś o jego przepuszczanie albo ustaw sign_in = "query" (klucze będą wtedy w dziennikach serwera).',
        "keys-warning-query": "Klucze idą w adresie i zostają w dziennikach serwera. Gdy serwer przepuści nagłówek Authorization, usuń sign_in.",
        "writing-ok": "Klucze mają prawo zapisu.",
        "writing-fault-read-only": "Klucze tylko czytają ({code}): numery dokumentów i statusy nie trafią do sklepu. Utwórz klucze z prawem odczytu i zapisu.",
        "versions-ok": "WooCommerce {version}, WordPress {wordpress}.",
        "versions-fault": "WooCommerce {version} jest za stare: nie filtruje po dacie zmiany. Zaktualizuj do 5.8 lub nowszej.",
        "orders-ok": "Zamówienia są w tabelach WooCommerce (HPOS).",
        "orders-warning": "Zamówienia są w starych tabelach wpisów: wtyczki mogą je zmieniać bez daty zmiany. Znajdzie to porównanie (compare_s); lepiej włączyć HPOS.",
        "clock-ok": "Zegary zgadzają się co do {seconds} s.",
        "clock-warning": "Zegar sklepu różni się o {seconds} s. Nastaw zegar (NTP) na serwerze sklepu albo tutaj.",
        "clock-fault": "Zegar sklepu różni się o {seconds} s: podpisy OAuth są odrzucane. Nastaw zegar (NTP).",
        "changes-ok": "Zamówienia dają się czytać po dacie zmiany.",
        "changes-fault": "Sklep pomija filtr modified_after. Zaktualizuj WooCommerce albo wyłącz /wp-json z pamięci podręcznej.",
        "sources-ok": "Złożone zamówienia dają się odnaleźć po źródle (created_via).",
        "sources-warning": "Sklep pomija filtr created_via: zamówienia złożone z ERP są szukane wśród najnowszych, co trwa dłużej.",
        "refunds-ok": "Zwroty środków dają się czytać jedną listą.",
        "refunds-warning": "Sklep nie ma listy wszystkich zwrotów środków (WooCommerce przed 9.0): są czytane z zamówień.",
        "cache-ok": "Odpowiedzi nie pochodzą z pamięci podręcznej.",
        "cache-warning": "Odpowiedzi pochodzą z pamięci podręcznej ({header}). Wyłącz z niej /wp-json w sklepie, na serwerze albo w CDN.",
        "taxes-ok": "Podatki są liczone, ceny wpisuje się z podatkiem, waluta {currency}.",
        "taxes-warning-net": "Ceny wpisuje się bez podatku: cena brutto sztuki razy ilość może różnić się od sumy o grosze. Pomost bierze sumy ze sklepu.",
        "taxes-warning-off": "Sklep nie liczy podatków; pozycje dostaną stawkę {rate} (no_tax_rate).",
        "taxes-fault-off": "Sklep nie liczy podatków i nic nie mówi, jaka jest stawka. Ustaw no_tax_rate albo tax_classes.",
        "rounding-warning": "Podatek jest zaokrąglany od sumy, a nie od pozycji: suma zamówienia może różnić się od pozycji o grosz i zamówienie zatrzyma się. Wyłącz „Zaokrąglij podatek na poziomie kwoty częściowej”.",
        "payments-ok": "Płatności: {methods}.",
        "payments-ok-reserved": "Płatności bez potwierdzenia operatora: {methods}. Przepływ nie sprzedaje od razu po płatności, więc nie szkodzą.",
        "payments-fault": "Przepływ sprzedaje od razu po płatności, a sklep przyjmuje płatności, których nie potwierdza operator: {methods}. Wyłącz je, wybierz przepływ z RO albo ustaw rules.unconfirmed_payment.",
        "stock-ok": "Sklep prowadzi stany magazynowe.",
        "stock-warning": "Sklep nie prowadzi stanów magazynowych: sprzeda to, czego nie ma. WooCommerce, Ustawienia, Produkty, Magazyn.",
        "invoices-ok": "Nic nie wskazuje na to, że faktury wystawia też sklep.",
        "invoices-warning": "Faktury wystawia chyba też sklep ({found}): jedna sprzedaż miałaby dwie. Wyłącz tę wtyczkę albo jej wystawianie.",
        "webhooks-ok": "Sklep ma wszystkie webhooki Pomostu, włączone.",
        "webhooks-ok-unwanted": "Webhooków nie ma; zmiany przychodzą przez odpytywanie.",
        "webhooks-fault-unset": "Webhooki mają być, a nie ma webhook_secret albo panel.public_url.",
        "webhooks-fault-off": "Sklep wyłączył webhooki {topics}. Działający Pomost włączy je z powrotem; sprawdź, czemu sklep nie mógł dostarczyć.",
        "webhooks-warning-missing": "Nie ma jeszcze webhooków {topics}. Utworzy je działający Pomost.",
        "receiver-ok": "Pomost odpowiada pod {url} i przyjmuje podpis.",
        "receiver-warning-near": "Pomost odpowiada pod {url}, ale WordPress nie wysyła do sieci prywatnych i na porty inne niż 80, 443 i 8080.",
        "receiver-fault": "Pomost nie odpowiada pod {url} ({why}). Uruchom go i sprawdź panel.public_url oraz pośrednika (proxy).",
    },
    "en": {
        "columns": "connection|what|verdict|description",
        "ok": "ok", "warning": "warning", "fault": "fault",
        "answers": "It answers.",
        "unasked": "This is another database than the one that Pomost works with; it was not asked.",
        "address-ok": "The WooCommerce API answers at {url}.",
        "address-fault-permalinks": "WordPress answers, but its permalinks are plain: keys do not work then. Settings, Permalinks: choose any other kind.",
        "address-fault-no-woocommerce": "This is a WordPress without WooCommerce. Activate the plugin, or correct url.",
        "address-warning-http": "The shop is at http: data of buyers travel in the open. Set up https and write that address as url.",
        "keys-ok": "The keys read orders ({sign_in}).",
        "keys-fault-stripped": 'The host strips the Authorization header: the same keys work in the address. Have the host pass it on, or set sign_in = "query" (the keys then stand in the host\'s logs).',
        "keys-warning-query": "The keys travel in the address and stay in the host's logs. Once the host passes the Authorization header on, remove sign_in.",
        "writing-ok": "The keys may write.",
        "writing-fault-read-only": "The keys may only read ({code}): numbers of documents and statuses will not reach the shop. Make keys with read and write permission.",
        "versions-ok": "WooCommerce {version}, WordPress {wordpress}.",
        "versions-fault": "WooCommerce {version} is too old: it does not filter by date of change. Update to 5.8 or newer.",
        "orders-ok": "Orders are kept in WooCommerce's own tables (HPOS).",
        "orders-warning": "Orders are kept in the old tables of posts: plugins may change them past their date of change. Comparing (compare_s) finds that; better switch HPOS on.",
        "clock-ok": "The clocks agree to {seconds} s.",
        "clock-warning": "The shop's clock is {seconds} s off. Set the clock (NTP) of the shop's host, or of this machine.",
        "clock-fault": "The shop's clock is {seconds} s off: OAuth signatures are refused. Set the clock (NTP).",
        "changes-ok": "Orders can be read by their date of change.",
        "changes-fault": "The shop ignores the filter modified_after. Update WooCommerce, or leave /wp-json out of the cache.",
        "sources-ok": "Placed orders can be found by their source (created_via).",
        "sources-warning": "The shop ignores the filter created_via: orders placed from the ERP are looked for among the newest, which takes longer.",
        "refunds-ok": "Refunds can be read in one list.",
        "refunds-warning": "The shop has no list of all refunds (WooCommerce before 9.0): they are read from the orders.",
        "cache-ok": "Answers do not come from a cache.",
        "cache-warning": "Answers come from a cache ({header}). Leave /wp-json out of the cache of the shop, its host or CDN.",
        "taxes-ok": "Taxes are reckoned, prices are typed with tax, the currency is {currency}.",
        "taxes-warning-net": "Prices are typed without tax: a gross price times pieces may differ from the total by a grosz. Pomost takes the shop's totals.",
        "taxes-warning-off": "The shop reckons no taxes; lines get the rate {rate} (no_tax_rate).",
        "taxes-fault-off": "The shop reckons no taxes, and nothing tells the rate. Set no_tax_rate or tax_classes.",
        "rounding-warning": "Tax is rounded at the subtotal, not per line: an order's total may differ from its lines by a grosz, and the order stops. Switch off \"Round tax at subtotal level\".",
        "payments-ok": "Payments: {methods}.",
        "payments-ok-reserved": "Payments that no operator confirms: {methods}. No flow sells straight from the payment, so they do no harm.",
        "payments-fault": "A flow sells straight from the payment, and the shop offers payments that no operator confirms: {methods}. Switch them off, take a flow with RO, or set rules.unconfirmed_payment.",
        "stock-ok": "The shop manages stock.",
        "stock-warning": "The shop does not manage stock: it sells what is not there. WooCommerce, Settings, Products, Inventory.",
        "invoices-ok": "Nothing shows that the shop makes invoices too.",
        "invoices-warning": "The shop seems to make invoices too ({found}): one sale would have two. Switch that plugin off, or its invoices.",
        "webhooks-ok": "The shop has all webhooks of Pomost, switched on.",
        "webhooks-ok-unwanted": "There are no webhooks; changes come by polling.",
        "webhooks-fault-unset": "Webhooks are wanted, and webhook_secret or panel.public_url is not set.",
        "webhooks-fault-off": "The shop has switched off the webhooks {topics}. A running Pomost switches them on again; see why the shop could not deliver.",
        "webhooks-warning-missing": "There are no webhooks {topics} yet. A running Pomost makes them.",
        "receiver-ok": "Pomost answers at {url} and takes the signature.",
        "receiver-warning-near": "Pomost answers at {url}, but WordPress does not deliver to private networks, nor to ports other than 80, 443 and 8080.",
        "receiver-fault": "Pomost does not answer at {url} ({why}). Start it; see panel.public_url and the proxy before it.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the answer, in the language of the configuration."""

    connection: str
    check: str
    verdict: str
    text: str


def doctor(
    name: Annotated[
        str, typer.Argument(help="A connection, or a kind of them (woocommerce); empty: all connections.")
    ] = "",
    path: Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")] = Path(
        "pomost.toml"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")] = False,
) -> None:
    """Looks over connections as they stand: keys, clocks, taxes, webhooks. Nothing is changed there. Ends with 1 at a fault."""
    config = load_config(path)
    pomost = assemble(config)
    language = config.language
    try:
        rows: list[Row] = []
        for connection in _chosen(pomost, name):
            rows += _rows(pomost, connection, language)
    finally:
        pomost.close()
    if as_json:
        found = [
            {"connection": r.connection, "check": r.check, "verdict": r.verdict, "text": r.text} for r in rows
        ]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _show(rows, language)
    if any(row.verdict == "fault" for row in rows):
        raise typer.Exit(1)


def _chosen(pomost: Pomost, name: str) -> list[str]:
    """The connections that are asked. Raises NeedsPerson ``config.unknown-source``."""
    known = connections(pomost.config)
    chosen = [one for one in known if name in ("", one)] or [
        one for one in known if kind_of(pomost.config, one) == name
    ]
    if not chosen:
        raise NeedsPerson(
            "config.unknown-source", f'there is no connection "{name}"', f"Connections: {', '.join(known)}."
        )
    return chosen


def _rows(pomost: Pomost, connection: str, language: str) -> Iterator[Row]:
    channel = pomost.channels.get(connection)
    if isinstance(channel, WooCommerceChannel):
        for finding in channel.doctor(pomost.limiters[connection]).look():
            yield Row(connection, finding.check, finding.verdict, text_of(finding, language))
        return
    answer = ask(pomost.config, connection, pomost)
    if answer.failure is not None:
        text, advice = in_language(language, answer.failure.code, answer.failure.text, answer.failure.advice)
        yield Row(connection, answer.kind, "fault", f"{text} {advice}".strip())
    else:
        word = "unasked" if answer.unasked else "answers"
        yield Row(connection, answer.kind, "ok", TEXTS[language][word])


def text_of(finding: Finding, language: str) -> str:
    """What was found and what to do, in a sentence or two."""
    if finding.failure is not None:
        failure = finding.failure
        text, advice = in_language(language, failure.code, failure.text, failure.advice)
        return f"{text} {advice}".strip()
    key = "-".join(filter(None, (finding.check, finding.verdict, finding.says)))
    return TEXTS[language][key].format(**finding.facts)


def _show(rows: list[Row], language: str) -> None:
    table = Table()
    for title in TEXTS[language]["columns"].split("|"):
        table.add_column(title, overflow="fold")
    for row in rows:
        verdict = TEXTS[language][row.verdict]
        table.add_row(
            escape(row.connection), row.check, f"[{STYLES[row.verdict]}]{verdict}[/]", escape(row.text)
        )
    console.print(table)
