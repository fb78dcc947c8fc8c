"""An object store that rclone keeps the same as an exported edition: only what changed is sent, and what is withdrawn is deleted.

FEEDSVC_TEST_S3 names a server with an empty bucket `feeds` to try it with, such as moto's or MinIO's; else it is our own.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.builder.incremental_export import MANIFEST, export_since
from support.docs import doc
from support.live import SLOW, Newsroom
from support.object_store import BUCKET, object_store


@pytest.fixture
def store() -> Iterator[str]:
    """The address of an S3 server."""
    if given := os.environ.get("FEEDSVC_TEST_S3"):
        yield given
        return
    with object_store() as made:
        yield made


def rclone(store: str, folder: Path, *words: str) -> str:
    """What rclone says; it fails where it finds a difference that it does not mend."""
    remote = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": store, "ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret"}
    environment = {f"RCLONE_CONFIG_STORE_{name}": value for name, value in remote.items()}
    ended = subprocess.run(
        ["rclone", *words, "--checksum", "--exclude", ".*", "-v", "--s3-no-check-bucket", "--retries", "1"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "RCLONE_CONFIG": str(folder.parent / "none.conf"), **environment},
        capture_output=True,
        text=True,
        timeout=SLOW,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stderr


def sync(store: str, folder: Path) -> tuple[set[str], set[str]]:
    """Brings the bucket up to date; the files that were sent, and those that were deleted."""
    said = rclone(store, folder, "sync", ".", f"store:{BUCKET}")
    rclone(store, folder, "check", ".", f"store:{BUCKET}")  # each file is there as it is here, and no other
    return (
        set(re.findall(r"INFO  : (.+): Copied \(", said)),
        set(re.findall(r"INFO  : (.+): Deleted$", said, re.MULTILINE)),
    )


def test_a_bucket_is_brought_up_to_date_with_what_changed_alone(newsroom: Newsroom, store: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    newsroom.write("harbour/tide.md")
    newsroom.write("gone/fog.md")
    newsroom.build()
    first = export_since(newsroom.store, out)
    assert sync(store, out) == ({*first.written, MANIFEST}, set())
    (newsroom.articles / "gone/fog.md").unlink()
    newsroom.write("harbour/tide.md", title="The tide, corrected")
    newsroom.build()
    second = export_since(newsroom.store, out)
    sent, deleted = sync(store, out)
    # What was made anew with the same bytes is not sent again.
    assert {"feeds/harbour.json", MANIFEST} <= sent <= {*second.written, MANIFEST} and sent < {*first.written, MANIFEST}
    assert deleted == set(second.removed)
    (newsroom.articles / "harbour/tide.md").unlink()
    newsroom.build()
    newsroom.write("harbour/rain.md")
    newsroom.build()
    third = export_since(newsroom.store, out)
    _, deleted = sync(store, out)
    assert deleted == set(third.removed)
    assert sync(store, out) == (set(), set())


def test_the_docs_say_the_same_command() -> None:
    assert "rclone sync --checksum --exclude '.*' /srv/export store:feeds.example" in doc("docs/scale.md")
