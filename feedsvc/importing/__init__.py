"""`feedsvc import`: pages and feeds from elsewhere become articles in the folder.

Start with `detect`, which tells by the first bytes what a file is; `filing` puts articles into the folder.
"""
