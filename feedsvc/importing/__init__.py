"""`feedsvc import`: pages and feeds from elsewhere become articles in the folder.

Start with `detect`, which recognises a file by its first bytes; `filing` puts articles into the folder.
"""
