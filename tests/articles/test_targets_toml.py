"""What site.toml says of webhooks and purges: each fault is named at its line, and no secret is taken or shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.site_toml import read_site
from feedsvc.errors import SiteError
from feedsvc.model.target import Event, Purge, Webhook

SITE = """[site]
title = "Gazette"
[[webhooks]]
name = "cms"
url = "https://cms.example/hook?key=1"
events = ["breaking", "published"]

[[purges]]
name = "edge"
kind = "varnish"
url = "http://127.0.0.1:6081"
[[purges]]
name = "fastly"
kind = "fastly"
service = "SU1Z0isxPaozGVKXdv0eY"
[[purges]]
name = "cloudflare"
kind = "cloudflare"
zone = "023e105f4ecef8ad9ca31a8372d0c353"
"""


def faults_of(written: str) -> list[str]:
    with pytest.raises(SiteError) as caught:
        read_site(written.encode())
    return [str(fault) for fault in caught.value.faults]


def test_targets_are_read() -> None:
    site, warnings = read_site(SITE.encode())
    assert warnings == ()
    assert site.webhooks == (
        Webhook(name="cms", url="https://cms.example/hook?key=1", events=(Event.PUBLISHED, Event.BREAKING)),
    )
    assert site.purges == (
        Purge(name="edge", kind="varnish", url="http://127.0.0.1:6081"),
        Purge(name="fastly", kind="fastly", service="SU1Z0isxPaozGVKXdv0eY"),
        Purge(name="cloudflare", kind="cloudflare", zone="023e105f4ecef8ad9ca31a8372d0c353"),
    )
    assert [*site.targets] == ["webhook cms", "purge edge", "purge fastly", "purge cloudflare"]


HOOK = '[[webhooks]]\nname = "cms"\nurl = "https://cms.example/"\n'


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f'{HOOK}secret = "hunter2"\n', "site.toml:4: a secret does not belong here: set FEEDSVC_WEBHOOK_SECRET_CMS in the env"),
        (f'{HOOK}key = "whsec_hunter2"\n', "site.toml:4: a secret does not belong here"),
        ('[[purges]]\nname = "a"\nkind = "varnish"\nurl = "http://x.example"\napi_key = "hunter2"\n', "FEEDSVC_PURGE_TOKEN_A"),
        ('[[webhooks]]\nname = "cms"\nurl = "https://me:hunter2@cms.example/"\n', "site.toml:3: url holds a user name"),
        (f'{HOOK}[[webhooks]]\nname = "cms"\nurl = "https://b.example/"\n', 'site.toml:5: there are two webhooks'),
        (f'{HOOK}[[webhooks]]\nname = "Cms-2"\nurl = "https://b.example/"\n', "site.toml:5: name is needed"),
        (f"{HOOK}events = []\n", "site.toml:4: events is a list of published, updated, withdrawn, breaking"),
        (f'{HOOK}events = ["deleted"]\n', "site.toml:4: events is a list of"),
        ('[[webhooks]]\nname = "cms"\n', "site.toml:1: url is an http(s) address"),
        ('[[webhooks]]\nname = "cms"\nurl = "file:///etc/passwd"\n', "site.toml:3: url is an http(s) address"),
        ('[[webhooks]]\nname = "cms"\nurl = "https://x.example/a b"\n', "site.toml:3: url is an http(s) address"),
        ('[webhooks]\nname = "cms"\n', "site.toml:1: webhooks are tables, each under [[webhooks]]"),
        ("webhooks = [1]\n", "site.toml:1: webhooks are tables, each under [[webhooks]]"),
        (HOOK * 21, "site.toml:1: there are 21 webhooks; at most 20 are allowed"),
        ('[[purges]]\nname = "a"\nkind = "squid"\n', "site.toml:3: kind is one of varnish, fastly, cloudflare"),
        ('[[purges]]\nname = "a"\nkind = "varnish"\n', "site.toml:1: url is an http(s) address"),
        ('[[purges]]\nname = "a"\nkind = "fastly"\nservice = "../x"\n', "site.toml:4: service is the id that Fastly gave it"),
        ('[[purges]]\nname = "a"\nkind = "cloudflare"\nservice = "abcdef"\nzone = "abcdef"\n', "site.toml:4: service is not for"),
    ],
)
def test_a_fault_is_named_at_its_line(written: str, said: str) -> None:
    faults = faults_of(written)
    assert any(said in fault for fault in faults), faults
    assert not any("hunter2" in fault for fault in faults)


def test_an_unknown_key_is_a_warning() -> None:
    _, (warning,) = read_site(f"{HOOK}event = 1\n".encode())
    assert str(warning) == 'site.toml:4: warning: unknown key "event"; did you mean "events"?'


VALUES = st.recursive(st.text() | st.integers() | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=5)


@given(st.dictionaries(st.sampled_from(["name", "url", "events", "kind", "service", "zone", "x"]), VALUES))
def test_whatever_stands_there_is_a_target_or_a_fault(table: dict[str, object]) -> None:
    from feedsvc.articles.targets_toml import TargetsToml

    for sort in ("webhooks", "purges"):
        read = TargetsToml({sort: [table]}, f"[[{sort}]]\n", "site.toml")
        assert read.webhooks() or read.purges() or read.faults
