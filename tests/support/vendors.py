"""Stand-ins for Fastly's and Cloudflare's purge APIs: each request is held to what the vendor publishes, and refused as there.

Fastly: https://www.fastly.com/documentation/reference/api/purging/ (“Purge multiple surrogate key tags”).
Cloudflare: https://developers.cloudflare.com/api/resources/cache/methods/purge/ and “Purge cache by cache-tags”.
"""

from __future__ import annotations

import json
import re

from support.receivers import Received

TOKEN = "a-token-of-the-vendor"  # noqa: S105
SERVICE, ZONE = "SU1Z0isxPaozGVKXdv0eY", "023e105f4ecef8ad9ca31a8372d0c353"
Answer = tuple[int, dict[str, str]]


def fastly(request: Received) -> Answer:
    """POST /service/{service_id}/purge with `Fastly-Key`, and at most 256 keys as JSON; a key has no space, and 1,024 bytes."""
    if request.headers.get("fastly-key") != TOKEN:
        return 401, {}
    if (request.method, request.path) != ("POST", f"/service/{SERVICE}/purge"):
        return 404, {}
    keys = _listed(request, "surrogate_keys")
    good = 0 < len(keys) <= 256 and all(re.fullmatch(r"[!-~]{1,1024}", key) for key in keys)
    return (200 if good and request.headers.get("accept") == "application/json" else 400), {}


def cloudflare(request: Received) -> Answer:
    """POST /zones/{zone_id}/purge_cache with a bearer token, and `tags` as JSON: at most 30, of at most 1,024 characters, without
    commas and white space."""
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        return 403, {}
    if (request.method, request.path) != ("POST", f"/client/v4/zones/{ZONE}/purge_cache"):
        return 404, {}
    tags = _listed(request, "tags")
    good = 0 < len(tags) <= 30 and all(re.fullmatch(r"[!-+\--~]{1,1024}", tag) for tag in tags)
    return (200 if good else 400), {}


def asked(request: Received) -> list[str]:
    """The keys that a request names."""
    if request.method == "PURGE":
        return request.headers["xkey-purge"].split()
    return next(iter(json.loads(request.body).values()))  # type: ignore[no-any-return]


def _listed(request: Received, name: str) -> list[str]:
    if request.headers.get("content-type") != "application/json":
        return []
    body = json.loads(request.body)
    listed = body.get(name) if isinstance(body, dict) and body.keys() == {name} else None
    return listed if isinstance(listed, list) and all(isinstance(one, str) for one in listed) else []
