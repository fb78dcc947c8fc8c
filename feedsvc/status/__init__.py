"""The state of a service: one `Status`, shown as a page, as lines, as JSON and as metrics.

Start with `status`, then `collect`, which reads it from the database.
"""
