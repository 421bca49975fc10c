"""The composition root: the only package that knows every other.

`found` begins an installation, `build` puts it together out of its settings, `serve` runs it, and
`by_hand` is what its operator does by hand. Each is imported by itself: what is done by hand needs
none of the pages.
"""
