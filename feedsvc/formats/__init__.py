"""Editions as bytes: one file per format, pure functions.

Start with `table`, which lists the formats of every topic, then `render`, which says what is published at which path.
"""
