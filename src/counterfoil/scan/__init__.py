"""Finds our tokens where they do not belong: offline, by their form and their checksum.

What is found is named by its hint and its place, and never shown.
"""
