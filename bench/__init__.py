"""Measures what PERFORMANCE promises: ratios of things measured interleaved, in one run."""
