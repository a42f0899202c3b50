"""The printer as a process of its own: ``python -m pomost.sandbox.posnet --file memory.db --port 6666``."""

import argparse
import json
import sys
from pathlib import Path

from pomost.ending import Signalled
from pomost.sandbox.posnet.emulator import Emulator


def main() -> None:
    words = argparse.ArgumentParser(description="A POSNET Online fiscal printer for trying things out.")
    words.add_argument("--file", type=Path, required=True, help="the fiscal memory; made when not there")
    words.add_argument("--port", type=int, default=0, help="TCP port; 0 takes a free one")
    options = words.parse_args()
    ending = Signalled()
    with Emulator(options.file, ports=(options.port, 0)) as printer:
        sys.stdout.write(json.dumps({"port": printer.port, "second_port": printer.second_port}) + "\n")
        sys.stdout.flush()
        while not ending.wait(60.0):
            pass


if __name__ == "__main__":
    main()
