"""WooCommerce: orders, statuses, notes, refunds, products, stock and prices of a shop."""

from pomost.connectors.woocommerce.client import WooCommerceClient, signature
from pomost.connectors.woocommerce.connector import WooCommerceChannel
from pomost.connectors.woocommerce.settings import Settings

__all__ = ["Settings", "WooCommerceChannel", "WooCommerceClient", "signature"]
