vcl 4.1;
# Varnish in front of feedsvc, which forgets what a publication changed: `feedsvc serve --surrogate-keys`, and in site.toml
#
#     [[purges]]
#     name = "edge"
#     kind = "varnish"
#     url = "http://127.0.0.1:6081"
#
# with FEEDSVC_PRIVATE_TARGETS=127.0.0.1. It needs the module xkey (Debian: varnish-modules). Start varnishd with
# `-p http_gzip_support=off`, so that every coding passes through unchanged: an ETag belongs to the exact bytes.

import std;
import xkey;

backend feedsvc {
    .host = "127.0.0.1";
    .port = "8000";
    .probe = {
        .url = "/healthz";
        .interval = 2s;
        .timeout = 2s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

# Who may purge: the machines where a builder may run.
acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(405));
        }
        if (!req.http.xkey-purge) {
            return (synth(400));
        }
        # A key that nothing has is no fault: it is forgotten already.
        set req.http.forgotten = xkey.purge(req.http.xkey-purge);
        return (synth(200));
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # For the newsroom and its monitoring: kept nowhere.
    if (req.url ~ "^/(status|status\.json|metrics|healthz|readyz)$" || req.url ~ "^/preview") {
        return (pass);
    }
    # While the service is down, what is over its time is served; else it is asked for again first.
    if (std.healthy(req.backend_hint)) {
        set req.grace = 0s;
    }
    # The coding is part of the key, by Vary: three of them, and not as many as there are browsers.
    if (req.http.Accept-Encoding ~ "\bbr\b") {
        set req.http.Accept-Encoding = "br";
    } elsif (req.http.Accept-Encoding ~ "gzip") {
        set req.http.Accept-Encoding = "gzip";
    } else {
        unset req.http.Accept-Encoding;
    }
    unset req.http.Cookie;
    # No answer depends on the Host header.
    set req.http.Host = "feedsvc";
    return (hash);
}

sub vcl_backend_response {
    set beresp.http.xkey = beresp.http.Surrogate-Key;
    if (beresp.http.Cache-Control ~ "no-store") {
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
    }
    # What is purged may be kept for longer than others are told. If a purge is late, so is what changed.
    # if (beresp.http.xkey) { set beresp.ttl = 5m; }
    set beresp.grace = 1d;
}

sub vcl_deliver {
    # They are for caches.
    unset resp.http.xkey;
    unset resp.http.Surrogate-Key;
    unset resp.http.Cache-Tag;
}

sub vcl_synth {
    if (req.http.forgotten) {
        set resp.http.forgotten = req.http.forgotten;
    }
}
