"""Fiscal printers that speak POSNET Online, over TCP or a serial port."""
