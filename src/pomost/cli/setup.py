"""The file that ``pomost init`` writes."""

TEMPLATE = """# Pomost: konfiguracja / configuration. `pomost check` mówi, co jest nie tak / says what is wrong.

language = "pl"                # pl, en

[database]
url = "sqlite:///pomost.db"    # postgresql://USER:PASSWORD@HOST/NAME: wiele maszyn / many machines

[[company]]
code = "main"
name = "Moja Firma sp. z o.o."
nip = ""                       # drukowany na dokumentach / printed on documents
street = ""
postcode = ""
city = ""
bank_account = ""              # 26 cyfr: kod QR przelewu / 26 digits: QR code of the transfer

[ledger]                       # wbudowana księga / the embedded ledger
url = "sqlite:///ledger.db"

[[ledger.warehouses]]
company = "main"
code = "MAG"
name = "Magazyn główny"

[[baselinker]]
name = "baselinker"
token = "env:POMOST_BL_TOKEN"  # zmienna środowiskowa / environment variable
# url = "http://127.0.0.1:8090/connector.php"   # piaskownica / the sandbox: pomost sandbox
calls_per_minute = 80          # BaseLinker blokuje token przy 100 / blocks a token at 100
poll_s = 6.0
import_from = ""               # np. 2026-11-01T00:00; puste: od pierwszego startu / empty: from the first start

[rates]
source = "nbp"                 # albo / or fixed

[[flow]]
name = "sklep"
source = "baselinker"
company = "main"
warehouse = "MAG"
preset = "ro-fs-wz"            # pomost flow list, pomost flow show ro-fs-wz

[flow.words]                   # statusy i pola twojego konta / statuses and fields of your account
new = "Nowe zamówienia"
in_progress = "W realizacji"
packed = "Spakowane"
sent = "Wysłane"
cancelled = "Anulowane"
ro_field = "Numer RO"
sale_field = "Numer FS/PA"
wz_field = "Numer WZ"
file_field = "Dokument PDF"

[flow.rules]
sale = "nip-or-wish"           # FS albo PA / FS or PA
delivery_vat = "dominant"      # BaseLinker nie podaje VAT dostawy / gives no VAT for delivery
on_change = "update"           # update, flag, refuse
"""
