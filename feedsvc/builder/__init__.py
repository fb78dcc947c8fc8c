"""One build: from files in the articles folder to documents in the database, and when builds run.

Start with `build`, which is one build in one function, then `schedule`.
"""
