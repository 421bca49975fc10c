"""The documentation at a server: its pages as they were written, and where a program begins."""
