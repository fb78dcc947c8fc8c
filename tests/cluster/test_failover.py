"""A standby is promoted that had not heard of the last publication: its number is given again, and means another."""

from __future__ import annotations

from pathlib import Path

from werkzeug.test import Client

from cluster.machine import Machine
from cluster.servers import Server, primary_and_standby
from feedsvc.settings import Settings
from feedsvc.storage.store import Store
from feedsvc.web.app import create_app
from support.live import PUBLIC_URL, save, until
from support.network import Network, through


def feed(client: Client) -> str:
    return client.get("/feeds/all.json").text


def caught_up(first: Server, second: Server) -> bool:
    stores = Store(first.url), Store(second.url, create=False)
    generations = {store.generation() for store in stores}
    for store in stores:
        store.close()
    return len(generations) == 1


def test_a_standby_that_lags_is_promoted(tmp_path: Path) -> None:
    with primary_and_standby() as (first, second, between):
        address = Network(first.port)  # that moves from one to the other
        url = through(address, first.url)
        builder = Machine(tmp_path / "builder", url, interval=0.5)
        reader = Store(url)
        client = Client(create_app(Settings(database=url, public_url=PUBLIC_URL), reader))
        save(builder.folder, "harbour/tide.md", "The tide")
        builder.start()
        try:
            until(lambda: "The tide" in feed(client))
            until(lambda: caught_up(first, second))
            between.drop()
            save(builder.folder, "harbour/fog.md", "Fog that was lost")
            until(lambda: "Fog" in feed(client))
            lost = reader.generation()
            first.stop()
            (builder.folder / "articles/harbour/fog.md").unlink()
            second.promote()
            address.move(second.port)
            save(builder.folder, "harbour/rain.md", "Rain that came after")
            until(lambda: "Rain" in feed(client))
            assert "Fog" not in feed(client) and "The tide" in feed(client)
            assert reader.generation() == lost
            assert client.get("/articles/fog").status_code == 404
        finally:
            builder.stop()
            reader.close()
            address.close()
