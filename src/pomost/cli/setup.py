"""The file that ``pomost init`` writes."""

TEMPLATE = """# Pomost: konfiguracja / configuration. `pomost check` mówi, co jest nie tak / says what is wrong.
# Wiersze z # bez odstępu to ustawienia do włączenia: usuń # / Lines with # and no space are settings: take the # off.

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

# druga firma / a second company
#[[company]]
#code = "druga"
#name = "Druga Firma sp. z o.o."
#nip = ""

[ledger]                       # wbudowana księga / the embedded ledger
url = "sqlite:///ledger.db"

[[ledger.warehouses]]
company = "main"
code = "MAG"
name = "Magazyn główny"

# więcej magazynów: preset gather-ro-fs-wz przesuwa towar MM-ką / more warehouses: that preset moves goods by MM
#[[ledger.warehouses]]
#company = "main"
#code = "ZAPAS"
#name = "Magazyn zapasowy"

#[[ledger.warehouses]]
#company = "druga"
#code = "MAG"
#name = "Magazyn drugiej firmy"

[[baselinker]]
name = "baselinker"
token = "env:POMOST_BL_TOKEN"  # zmienna środowiskowa / environment variable
#url = "http://127.0.0.1:8090/connector.php"   # piaskownica / the sandbox: pomost sandbox
calls_per_minute = 80          # BaseLinker blokuje token przy 100 / blocks a token at 100
poll_s = 6.0
import_from = ""               # np. 2026-11-01T00:00; puste: od pierwszego startu / empty: from the first start

# drugie konto / a second account
#[[baselinker]]
#name = "drugie"
#token = "env:POMOST_BL_TOKEN_2"

# sklep WooCommerce: klucze z WooCommerce, Ustawienia, Zaawansowane, REST API / a shop: keys from its REST API settings
#[[woocommerce]]
#name = "woocommerce"
#url = "https://sklep.example.com"
#key = "env:POMOST_WOO_KEY"
#secret = "env:POMOST_WOO_SECRET"

# drukarka fiskalna POSNET; preset ro-pa-fiscal-wz albo krok niżej / fiscal printer; that preset, or the step below
#[[posnet]]
#name = "kasa"
#company = "main"
#host = "192.168.0.50"          # albo / or serial_port = "COM3", "/dev/ttyUSB0"
#port = 6666
#daily_report = false           # true: raport dobowy, gdy drukarka go żąda / daily report when the printer wants it
#footer = true                  # numer zamówienia pod paragonem / order number under the receipt

#[posnet.payments]              # formy płatności z dokumentów / forms of payment on documents
#"PayPo" = "transfer"           # cash, card, cheque, bon, credit, other, voucher, transfer

# e-paragony i ich kopie dla klientów / e-receipts, and copies of them for buyers
#[posnet.e_document]
#link = "https://operator.example.com/{ha}"

#[posnet.copies]
#folder = "e-paragony"
#base_url = ""                  # adres folderu w sieci / where that folder is served

# poczta; preset ro-fs-wz-mail albo krok niżej / mail; that preset, or the step below
#[[smtp]]
#name = "smtp"
#host = "smtp.example.com"
#port = 587
#security = "starttls"          # starttls (587), tls (465), none
#user = "faktury@example.com"
#password = "env:POMOST_SMTP_PASSWORD"
#sender = "Moja Firma <faktury@example.com>"

#[smtp.bounces]                 # skrzynka zwrotów, tylko czytana / mailbox of undelivered mail, only read
#host = "imap.example.com"
#user = "faktury@example.com"
#password = "env:POMOST_SMTP_PASSWORD"

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

# paragon fiskalny z PA / fiscal receipt of the PA
#[[flow.step]]
#id = "fiscal"
#after = ["sale"]
#fiscalise = "sale"
#printer = "kasa"

# FS albo PA mailem / FS or PA by mail
#[[flow.step]]
#id = "mail"
#after = ["sale"]
#mail = { pdf = ["sale"], account = "smtp" }

# drugie konto sprzedaje z drugiej firmy / the second account sells for the second company
#[[flow]]
#name = "drugi"
#source = "drugie"
#company = "druga"
#warehouse = "MAG"
#preset = "ro-fs-wz"            # zakupy między firmami: two-companies-purchase / purchases between companies
"""
