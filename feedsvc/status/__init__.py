"""What there is to know of a service: one `Status`, told as a page, as lines, as JSON and as metrics.

Start with `status`, then `collect`, which reads it from the database.
"""
