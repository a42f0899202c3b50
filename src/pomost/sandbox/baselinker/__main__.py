"""``python -m pomost.sandbox.baselinker``: the sandbox as a process."""

from __future__ import annotations

import argparse
import dataclasses

from pomost.sandbox.baselinker.run import Options, run


def main() -> None:
    parser = argparse.ArgumentParser(description="A BaseLinker on this machine.")
    for field in dataclasses.fields(Options):
        flag = f"--{field.name.removesuffix('_s').replace('_', '-')}"
        if isinstance(field.default, bool):
            parser.add_argument(
                flag, dest=field.name, action=argparse.BooleanOptionalAction, default=field.default
            )
        else:
            parser.add_argument(flag, dest=field.name, type=type(field.default), default=field.default)
    run(Options(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
