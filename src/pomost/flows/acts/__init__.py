"""The acts of a flow, one module each: a document made, a write to a channel, an order placed."""
