"""The articles folder and its files: looked at, watched, read in processes that can be stopped, and parsed.

Start with `folder`, then `parser_pool` and `parsers`.
"""
