"""One change to many items at once: chosen by a filter or a list, shown first, then written all or not at all."""

from pomost.bulk.changing import Attribute, Field, Outcome, Preview, PriceStep, apply, preview
from pomost.bulk.choosing import skus_in_file

__all__ = [
    "Attribute",
    "Field",
    "Outcome",
    "Preview",
    "PriceStep",
    "apply",
    "preview",
    "skus_in_file",
]
