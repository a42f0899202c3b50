"""Mail: documents handed to a mail server over SMTP, and what comes back read over IMAP."""

from pomost.connectors.smtp.connector import SmtpMailer
from pomost.connectors.smtp.settings import BounceBox, SmtpServer

__all__ = ["BounceBox", "SmtpMailer", "SmtpServer"]
