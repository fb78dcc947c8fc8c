"""The nouns of the product, pure: no I/O, no clock, no globals.

Start with `article` (what was written), `record` (what is remembered of it) and `edition` (a topic's articles at one moment).
"""
