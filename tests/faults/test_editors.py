"""However an editor saves an article, readers see one update of it, under the same id and date, and never miss it in between.

Each way is the system calls that strace shows of that editor; `sed -i` is sed itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.gazette import entries
from support.live import SLOW, Service, save, until

SAVES = 8


def vim(file: Path, text: str) -> None:
    """Vim, `backupcopy=auto`: the old file becomes the backup, and a new one is written in its place."""
    probe, backup = file.with_name("4913"), file.with_name(f"{file.name}~")
    probe.touch()
    probe.unlink()
    file.rename(backup)
    with file.open("w") as new:
        new.write(text)
        new.flush()
        os.fsync(new.fileno())
    backup.unlink()


def vs_code(file: Path, text: str) -> None:
    """VS Code, Kate, nano: the file is emptied and written anew."""
    with file.open("r+") as same:
        same.truncate(0)
        same.write(text)


def gnome_text_editor(file: Path, text: str) -> None:
    """What GLib's programs do, and rsync: a hidden file beside it, then moved over it."""
    beside = file.with_name(f".goutputstream-{os.getpid()}")
    beside.write_text(text)
    os.fsync(fd := os.open(beside, os.O_RDONLY))
    os.close(fd)
    beside.rename(file)


def emacs(file: Path, text: str) -> None:
    """Emacs: a lock that is a link to nowhere, a backup that is a copy, and the file written in place."""
    lock = file.with_name(f".#{file.name}")
    lock.symlink_to("editor@desk.1:1")
    shutil.copy2(file, file.with_name(f"{file.name}~"))
    file.write_text(text)
    lock.unlink()


def sed(file: Path, text: str) -> None:
    """`sed -i`, which writes a file beside it and moves that over it."""
    title = text.splitlines()[1]
    subprocess.run(["sed", "-i", f"s/^title: .*/{title}/", str(file)], check=True, timeout=SLOW)


def from_elsewhere(file: Path, text: str) -> None:
    """Written outside of the folder, and moved in."""
    outside = file.parents[2] / "draft.md"
    outside.write_text(text)
    outside.rename(file)


@pytest.mark.parametrize("editor", [vim, vs_code, gnome_text_editor, emacs, sed, from_elsewhere])
def test_a_save_is_one_update(serve: Callable[..., Service], tmp_path: Path, editor: Callable[[Path, str], None]) -> None:
    file = save(tmp_path, "sport/win.md", "Town win")
    save(tmp_path, "sport/draw.md", "Town draw")
    service = serve("--interval", "3600").start()
    known = identity(service)
    assert len(known) == 2
    for number in range(SAVES):
        title = f"Town win by {number}"
        editor(file, f'---\ntitle: "{title}"\n---\nThe words of Town win.\n')
        until(lambda title=title: shown(service, title, known))
    # By the time that this one is built, all that was noticed before has been.
    save(tmp_path, "sport/last.md", "The last")
    until(lambda: "The last" in service.get("/feeds/all.atom").text)
    assert "deleted-entry" not in service.get("/feeds/all.atom").text
    builds = until(lambda: (told := service.log.count("built generation=")) >= SAVES + 2 and told)
    assert builds == 1 + SAVES + 1, service.log


def identity(service: Service) -> dict[str, str]:
    """When each article was published, by its id."""
    return {entry["id"]: entry["date_published"] for entry in entries(service)}


def shown(service: Service, title: str, known: dict[str, str]) -> bool:
    listed = entries(service)
    assert {entry["id"]: entry["date_published"] for entry in listed} == known
    return title in [entry["title"] for entry in listed]
