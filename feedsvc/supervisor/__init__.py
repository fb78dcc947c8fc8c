"""The service's main process: it starts the builder and the web workers, keeps them alive, and reloads them.

Start with `service`; `process_group` holds the processes under one set of settings, `child` is the restart policy of one.
"""
