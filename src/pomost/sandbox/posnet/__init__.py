"""A POSNET Online fiscal printer that runs on your machine, written from the description of the protocol."""

from pomost.sandbox.posnet.emulator import Emulator
from pomost.sandbox.posnet.faults import FAULTS, Faults
from pomost.sandbox.posnet.memory import Printed

__all__ = ["FAULTS", "Emulator", "Faults", "Printed"]
