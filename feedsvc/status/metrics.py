"""`exposition`: the service's metrics for Prometheus, by its conventions (prometheus.io/docs/practices/naming)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from feedsvc.errors import StoreError
from feedsvc.model.history import BuildOutcome, Tally
from feedsvc.processes.counters import BODIES, WRONG_TOKENS
from feedsvc.status.status import Status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Figures(Collector):
    """What one scrape finds; `read` is called once, and if the database can't be read, only its metrics are missing."""

    def __init__(
        self, read: Callable[[], Status], ready: bool, counters: dict[int, int] | None, restarts: dict[str, int] | None = None
    ) -> None:
        self._read = read
        self._ready = ready
        self._counters = counters
        self._restarts = restarts

    def describe(self) -> Iterable[Metric]:
        """Returns nothing, so that registering reads nothing."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield _gauge("ready", "1 where this web worker serves what is published.", self._ready)
        if self._counters is not None:
            yield from _requests(self._counters)
        if self._restarts is not None:
            yield _restarts(self._restarts)
        try:
            status = self._read()
        except StoreError:
            yield _gauge("database_up", "1 where the database can be read; its figures are missing while it can't.", False)
            return
        yield _gauge("database_up", "1 where the database can be read; its figures are missing while it can't.", True)
        yield from _published(status)
        yield from _newsroom(status)
        yield from _builds(status)


def exposition(figures: Figures) -> bytes:
    """The metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(figures)
    return generate_latest(registry)


def _requests(counters: dict[int, int]) -> Iterator[Metric]:
    requests = CounterMetricFamily("feedsvc_http_requests", "Requests answered by all web workers, by status.", labels=["code"])
    for code, number in counters.items():
        if code not in (BODIES, WRONG_TOKENS):
            requests.add_metric([str(code)], number)
    yield requests
    yield CounterMetricFamily(
        "feedsvc_wrong_tokens", "Questions for the status with a wrong token.", value=counters.get(WRONG_TOKENS, 0)
    )
    bodies = counters.get(BODIES, 0)
    yield CounterMetricFamily("feedsvc_http_response_body_bytes", "Bytes of all answers' bodies.", value=bodies)


def _restarts(restarts: dict[str, int]) -> Metric:
    total = CounterMetricFamily("feedsvc_restarts", "Processes started again after they had died.", labels=["process"])
    for process, number in restarts.items():
        total.add_metric([process], number)
    return total


def _published(status: Status) -> Iterator[Metric]:
    labels = ["version", "schema"]
    build = GaugeMetricFamily("feedsvc_build_info", "The version of feedsvc and of its database's schema.", labels=labels)
    build.add_metric([status.version, status.schema], 1)
    yield build
    yield _gauge("generation", "The number of the newest publication.", status.generation)
    yield from _moment("published_timestamp_seconds", "When the newest publication was made.", status.built)
    yield from _moment("last_build_timestamp_seconds", "When the folder was last checked.", status.looked)
    articles = GaugeMetricFamily("feedsvc_articles", "Articles in the ledger: live, or withheld from readers.", labels=["state"])
    articles.add_metric(["live"], status.articles)
    articles.add_metric(["withheld"], status.withheld)
    yield articles
    yield _gauge("documents", "Published documents.", status.documents)
    yield _gauge("topics", "Topics with documents.", len(status.topics))
    help = "Publications of which a hub, a webhook or a cache is still to be told."
    untold = GaugeMetricFamily("feedsvc_untold_generations", help, labels=["target"])
    for told in status.targets:
        untold.add_metric([told.name], max(0, status.generation - told.generation))
    yield untold


def _newsroom(status: Status) -> Iterator[Metric]:
    wrong = len({fault.path for fault in status.quarantine})
    yield _gauge("quarantined_files", "Files with a fault, which are not published as they are now.", wrong)
    yield _gauge("warned_files", "Files with a warning.", len({fault.path for fault in status.warnings}))
    yield _gauge("unread_files", "Files of a big archive that are still to be read.", status.left)
    yield _gauge("unmade_pictures", "Pictures that are still to be made.", status.pictures)
    yield _gauge("problems", "Problems that need attention.", len(status.problems))
    yield _gauge("brake_active", "1 while removals wait to be confirmed.", status.brake is not None)
    yield _gauge("lease_held", "1 while a builder holds the lease.", status.lease is not None)
    coming = status.upcoming[0].when if status.upcoming else None
    yield from _moment("next_instant_timestamp_seconds", "When the next embargo or expiry changes something.", coming)


def _builds(status: Status) -> Iterator[Metric]:
    total = CounterMetricFamily("feedsvc_builds", "Builds by outcome.", labels=["outcome"])
    duration = HistogramMetricFamily("feedsvc_build_duration_seconds", "How long builds took.", labels=["outcome"])
    for outcome in BuildOutcome:
        tally = status.totals.get(outcome, Tally())
        total.add_metric([outcome], tally.number)
        duration.add_metric([outcome], tally.cumulative(), tally.seconds)
    yield total
    yield duration


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(f"feedsvc_{name}", help, value=float(value))


def _moment(name: str, help: str, when: datetime | None) -> Iterator[Metric]:
    if when:
        yield _gauge(name, help, when.timestamp())
