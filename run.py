#!/usr/bin/env python3
"""Sets Pomost up on first use and runs it: `python3 run.py demo`, `python3 run.py test`. Standard library only."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PIP = next((HERE / "vendor").glob("pip-*.whl"))
USAGE = """python3 run.py demo     the main job on the sandbox
python3 run.py test     all tests (more words go to pytest)
python3 run.py prove    the proof of exactly-once, long form
python3 run.py lint     style, types, import contracts
python3 run.py pomost   the command line, e.g. run.py pomost init"""


def set_up():
    """Makes the virtual environment and installs, unless that was done for these very files."""
    wanted = hashlib.sha256(
        (HERE / "pyproject.toml").read_bytes()
        + (HERE / "constraints.txt").read_bytes()
        + sys.version.encode()
    ).hexdigest()
    stamp = VENV / "pomost-stamp"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python is told by
        sys.exit(f"Pomost needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    print("Setting up (once; a minute or two) ...", flush=True)
    if not PYTHON.exists():
        # without pip: Debian's python3 has no ensurepip; the wheel in vendor/ is enough
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(VENV)], capture_output=True, text=True
        )
        if made.returncode:
            missing = "No module named venv" in made.stderr
            advice = "On Debian or Ubuntu: apt install python3-venv" if missing else f"Is {HERE} writable?"
            sys.exit(f"{made.stdout}{made.stderr}\nNo virtual environment could be made. {advice}")
    # a copy of an older environment may still hold a pip that runs; the vendored one is the same everywhere
    pip = [str(PYTHON), str(PIP / "pip")]
    install = [*pip, "install", "--quiet", "--disable-pip-version-check", "-c", str(HERE / "constraints.txt")]
    done = subprocess.run([*install, "-e", f"{HERE}[test,postgres]"])
    if done.returncode:
        sys.exit("Installing failed; the lines above say why. Is there a connection to the package index?")
    stamp.write_text(wanted)


def browser():
    """The tests of the panel need a browser of the system; installs one where it may, else says loudly what to do."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    may = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if may:
        print("Installing Chromium for the tests of the panel ...", flush=True)
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *words], stdout=subprocess.DEVNULL, env=environment)
    if not any(shutil.which(name) for name in BROWSERS):
        print(
            "\n!!! NO BROWSER: the tests of the panel in a browser are left out. Install Chromium:\n"
            "!!! apt install chromium (Debian), or Google Chrome; then run this again.\n",
            flush=True,
        )


def lint():
    """Style, types and import contracts; the first that fails ends it."""
    for command in (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["importlinter.cli", "lint"],
    ):
        module = (
            ["-m", command[0]]
            if command[0] != "importlinter.cli"
            else ["-c", "from importlinter.cli import lint_imports_command as c; c()"]
        )
        rest = command[1:] if command[0] != "importlinter.cli" else []
        code = subprocess.run([str(PYTHON), *module, *rest], cwd=HERE).returncode
        if code:
            return code
    return 0


def workers():
    """Tests wait more than they reckon: two for each core, as far as memory goes (each takes about 1 GB)."""
    cores = os.cpu_count() or 2
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_500_000_000
    except (AttributeError, ValueError, OSError):
        memory = cores
    return str(max(2, min(2 * cores, memory, 8)))


def main():
    word, *rest = sys.argv[1:] or ["help"]
    if word not in ("demo", "test", "prove", "lint", "pomost"):
        print(USAGE)
        return 0 if word in ("help", "-h", "--help") else 2
    set_up()
    if word == "lint":
        return lint()
    commands = {
        "demo": ["-m", "pomost", "demo", *rest],
        "pomost": ["-m", "pomost", *rest],
        "test": ["-m", "pytest", "-m", "not slow", *(rest or ["-n", workers(), "--durations", "10"])],
        "prove": ["-m", "pytest", "tests/faults", "tests/properties", *rest],
    }
    if word == "test":
        browser()
    if word == "test" and not rest:
        code = lint()
        if code:
            return code
    return subprocess.run([str(PYTHON), *commands[word]], cwd=HERE).returncode


if __name__ == "__main__":
    sys.exit(main())
