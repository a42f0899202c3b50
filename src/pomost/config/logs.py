"""``[logs]``: what Pomost writes down while it runs, and how much of it is kept."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pomost.config.parts import Part


class Logs(Part):
    """The log files below data_dir/logs; never with personal data or secrets."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="From which level on something is written into the log file; the console gets warnings and errors.",
    )
    file_mb: int = Field(20, ge=1, le=1000, description="Megabytes after which a new log file is begun.")
    files: int = Field(10, ge=1, le=100, description="Log files that are kept; the oldest one goes.")
