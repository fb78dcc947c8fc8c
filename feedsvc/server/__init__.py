"""The HTTP/1.1 server of one web worker, on asyncio.

Start with `server`; `connection` is one client's connection, `request` reads a request's head. What is not in memory goes to the
WSGI callable of `web`, in a thread.
"""
