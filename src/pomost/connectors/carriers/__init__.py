"""What connectors of carriers share: the wire, failures, and the rules of addresses."""
