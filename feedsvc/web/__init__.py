"""Answers to requests: the WSGI callable, documents in memory, conditional requests, and what is made when first asked for.

Start with `wsgi`, then `responses`. It reads the database and nothing else: no article file, no request's Host.
"""
