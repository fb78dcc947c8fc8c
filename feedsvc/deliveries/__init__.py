"""What other machines are told of publications: a WebSub hub, webhooks, and caches that are to forget what changed. May import
`storage` and `model`. Begin with `deliveries.py`: it has a `courier.py` for each target, whose requests come from `websub.py`,
`webhooks.py` and `purges.py`, and are sent by `sender.py`.
"""
