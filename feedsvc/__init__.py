"""feedsvc: a folder of articles as feeds, headlines and pages.

The packages, top down. Each imports only what is below it; every package may import the modules here and `processes`:

    cli  supervisor  server  web  importing  status  builder  articles  formats  storage  model

Where to begin: `model/article.py` (what was written), then `builder/build.py` (one build, from files to documents), then their
tests.
"""
