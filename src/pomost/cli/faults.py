"""Every failure that a command can meet, said in a sentence with an exit code instead of a trace."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any, Never

import typer
from sqlalchemy.exc import SQLAlchemyError
from typer.core import TyperGroup

from pomost import logs
from pomost.cli.words import console, failure_text, language_of, problem_text, tell
from pomost.config.load import ConfigError
from pomost.ports import Failure


class Commands(TyperGroup):
    """2: the file, the machine or the other side is not as it should be. 1: an answer that says no."""

    def invoke(self, ctx: Any) -> Any:
        # what a command answers goes to standard output, and nothing else
        logs.to_console()
        # what was imported lives as long as the process: looking through it for garbage takes a tenth of a command's time
        gc.freeze()
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            for problem in error.problems:
                text = f"{error.path} {problem_text(_language(), problem)}"
                console.print(text, markup=False, soft_wrap=True)
            raise typer.Exit(2) from error
        except Failure as failure:
            stop(failure)
        except SQLAlchemyError as error:
            why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            tell(_language(), "database", "red", why=why)
            raise typer.Exit(2) from error
        except ModuleNotFoundError as error:
            tell(_language(), "missing-part", "red", name=error.name)
            raise typer.Exit(2) from error
        except OSError as error:
            tell(_language(), "system", "red", why=error)
            raise typer.Exit(2) from error


def stop(failure: Failure) -> Never:
    console.print(
        failure_text(_language(), failure), style="red", markup=False, highlight=False, soft_wrap=True
    )
    raise typer.Exit(2)


def _language() -> str:
    """That of the file which the command was given, as far as it can be told."""
    words = sys.argv
    places = [place for place, word in enumerate(words[:-1]) if word in ("-c", "--config")]
    return language_of(Path(words[places[-1] + 1]) if places else Path("pomost.toml"))
