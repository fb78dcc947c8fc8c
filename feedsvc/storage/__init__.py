"""The database: tables, rows, and the store that publishes a build in one transaction.

Start with `store`, then `tables`; `lease` lets one builder at a time publish.
"""
