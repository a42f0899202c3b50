"""A WooCommerce shop that runs on your machine, written from the reference of its API."""

from pomost.sandbox.woocommerce.crowd import Crowd
from pomost.sandbox.woocommerce.faults import FAULTS, Faults
from pomost.sandbox.woocommerce.remote import RemoteShop
from pomost.sandbox.woocommerce.settings import Settings
from pomost.sandbox.woocommerce.shop import Shop

__all__ = ["FAULTS", "Crowd", "Faults", "RemoteShop", "Settings", "Shop"]
