"""What the service's processes share and how they start.

`forkserver` starts them; `sandbox`, `sandboxed_process` and `sandboxed_pool` are for those that parse; `pidfile`, `notices` and
`counters` are what they share.
"""
