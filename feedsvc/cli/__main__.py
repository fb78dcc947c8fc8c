"""`python -m feedsvc.cli` is the command `feedsvc`."""

from feedsvc.cli.main import main

main()
