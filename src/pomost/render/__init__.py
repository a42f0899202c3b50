"""Documents as PDF. Templates are typst files that a user may replace, see docs/how-to/templates.md."""

from pomost.render.content import Language, Seller
from pomost.render.renderer import Renderer

__all__ = ["Language", "Renderer", "Seller"]
