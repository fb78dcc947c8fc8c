"""feedsvc: a folder of articles as feeds, headlines and pages.

Where to begin: `article` (what was written), `press` (one pressing, from files to documents), then their tests.
The map of all modules and why they are so is in docs/design.md.
"""
