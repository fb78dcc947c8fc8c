"""`Deliveries`: tells other machines of what was published, as soon as all machines that answer serve it.

It runs beside the builder and knows the database alone: what is to be told, and how far each target is, lies in the outbox.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

from feedsvc.alarm import Alarm
from feedsvc.deliveries.courier import LEAVE_SECONDS, Courier
from feedsvc.deliveries.purges import PurgeKind
from feedsvc.deliveries.request import Kind
from feedsvc.deliveries.sender import Network, Sender
from feedsvc.deliveries.webhooks import WebhookKind
from feedsvc.deliveries.websub import Hub
from feedsvc.errors import StoreError
from feedsvc.model.site import Site
from feedsvc.settings import Settings
from feedsvc.storage.engine import path_of
from feedsvc.storage.facts import GENERATION, PUBLIC_URL, SITE
from feedsvc.storage.store import Store

log = logging.getLogger("feedsvc.deliveries")

START_SECONDS = 5.0  # in which the first machine says that it serves something; after them nobody does, or an earlier release
MACHINE_SECONDS = 15.0  # for which one that does not follow is waited for; then it counts as gone
LOOK_SECONDS = 0.02
LOOK_SERVER_SECONDS = 0.1
RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Means:
    """What deliveries need beside the database: secrets by the setting's name, and private networks that may be reached."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    networks: Sequence[Network] = ()

    @classmethod
    def of(cls, settings: Settings) -> Means:
        """Those that the operator gives."""
        families = {"webhook_secret": settings.webhook_secrets, "purge_token": settings.purge_tokens}
        secrets = {f"{sort}_{name.lower()}": value for sort, family in families.items() for name, value in family}
        return cls(secrets, [ip_network(network) for network in settings.private_networks])


class Deliveries:
    """Tells every target of what was published since the last time, whenever it is woken."""

    def __init__(self, store: Store, means: Means | None = None) -> None:
        self._store = store
        self._means = means or Means()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)
        self._couriers: dict[object, Courier] = {}
        self._up_to = -1
        self._failing = Alarm()

    def start(self) -> None:
        """Begins to wait for `wake`."""
        self._thread.start()

    def wake(self) -> None:
        """Says that something may have been published."""
        self._woken.set()

    def stop(self) -> None:
        """Ends it, even in the middle of deliveries; the next one continues from there."""
        self._stopping.set()
        self._woken.set()
        end = time.monotonic() + LEAVE_SECONDS
        self._thread.join(LEAVE_SECONDS)
        couriers = tuple(self._couriers.values())
        for courier in couriers:
            courier.stop()
        for courier in couriers:
            courier.join(max(0.0, end - time.monotonic()))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait()
            self._woken.clear()
            try:
                self._look()
                self._failing.worked()
            except StoreError as error:
                if self._failing.failed(str(error)):
                    log.error("%s; nobody hears of changes until it works again", error)
                self._stopping.wait(RETRY_SECONDS)
                self._woken.set()

    def _look(self) -> None:
        facts = self._store.facts(SITE, PUBLIC_URL, GENERATION)
        newest = GENERATION.read(facts)
        self._employ(SITE.read(facts), PUBLIC_URL.read(facts))
        # A hub and a cache fetch at once, and must not get the old bytes.
        if self._couriers and newest != self._up_to:
            self._wait_until_served(newest)
            self._up_to = newest
        for courier in self._couriers.values():
            courier.wake(self._up_to)

    def _wait_until_served(self, generation: int) -> None:
        """Waits for all machines that answer to have a publication."""
        apart = LOOK_SECONDS if path_of(self._store.engine) else LOOK_SERVER_SECONDS
        begun = time.monotonic()
        while not self._stopping.is_set():
            machines = self._store.serving()
            behind = {machine: served for machine, served in machines.items() if served < generation}
            waited = time.monotonic() - begun
            if (machines and not behind) or (not machines and waited > START_SECONDS):
                return
            if waited > MACHINE_SECONDS:
                for machine, served in behind.items():
                    self._store.forget_serving(machine, served)
                log.warning("others hear of changes before %s, which does not serve them", ", ".join(sorted(behind)))
                return
            self._stopping.wait(apart)

    def _employ(self, site: Site, public_url: str) -> None:
        """Has a courier for each target as `site.toml` describes it now."""
        wanted: dict[object, Kind] = {}
        if site.hub:
            wanted[site.hub, public_url] = Hub(self._store, site.hub, public_url)
        for webhook in site.webhooks:
            secret = self._means.secrets.get(f"webhook_secret_{webhook.name}", "")
            wanted[webhook] = WebhookKind(self._store, webhook, secret)
        for purge in site.purges:
            wanted[purge] = PurgeKind(self._store, purge, self._means.secrets.get(f"purge_token_{purge.name}", ""))
        for described in self._couriers.keys() - wanted.keys():
            self._couriers.pop(described).stop()
        for described, kind in wanted.items():
            if described not in self._couriers:
                sender = Sender(self._means.networks, public_url) if kind.guarded else Sender()
                courier = self._couriers[described] = Courier(self._store, kind, sender)
                courier.start()
