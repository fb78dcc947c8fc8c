"""The commands, one file each, and the ways in: `main` for the command `feedsvc`, `wsgi` for other servers.

It alone reads the environment and puts the parts together. Start with `main`, then `serve`.
"""
