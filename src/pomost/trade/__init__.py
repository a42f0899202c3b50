"""The language and the rules of trade. Pure: no I/O, no clock."""
