"""Whose certificates are trusted: the authorities that the machine knows."""

from __future__ import annotations

import functools
import ssl

import httpx2


@functools.cache
def trusted() -> ssl.SSLContext:
    """One for all HTTP clients of the process, which may share it: reading some hundred certificates takes 25 ms of CPU.

    An authority that the machine learns of later is known after a restart.
    """
    return httpx2.create_ssl_context()
