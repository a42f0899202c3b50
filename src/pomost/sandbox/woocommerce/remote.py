"""The acts of `Shop` against one that runs in another process."""

from pomost.sandbox import control


class RemoteShop(control.Remote):
    """A running shop known by its ``url``: every act in ``pomost.sandbox.woocommerce.shop.VERBS`` is a method.

    ``remote.place(orders=2)``; refusals are those of `Shop`.
    """
