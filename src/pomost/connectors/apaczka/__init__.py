"""Apaczka (Alsendo): one contract, many carriers."""

from pomost.connectors.apaczka.connector import ApaczkaCarrier
from pomost.connectors.apaczka.settings import Settings

__all__ = ["ApaczkaCarrier", "Settings"]
