"""InPost (ShipX): lockers and couriers."""

from pomost.connectors.shipx.connector import ShipXCarrier
from pomost.connectors.shipx.settings import Settings

__all__ = ["Settings", "ShipXCarrier"]
