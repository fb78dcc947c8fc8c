// <headline-ticker>: a newsroom's latest headlines on anybody's page. How to use and theme it: docs/ticker.md.

const MOST = 20, MOST_TEXT = 500, MOST_BYTES = 262144, TIMEOUT = 10000, BEAT = 6000;
const WORDS = {
  latest: "Latest", breaking: "Breaking", reported: "Reported:", loading: "Loading latest headlines…", empty: "No headlines just now.",
  updated: "Updated {age}", pause: "Pause", play: "Play", previous: "Previous headline", next: "Next headline",
};
const STYLE = new CSSStyleSheet();
// Browsers without light-dark() keep the page's colours.
STYLE.replaceSync(`
:host { display: block; container-type: inline-size; min-inline-size: min(100%, 16rem);
  --way: -1; --rule: var(--ticker-border, light-dark(#d3d0ca, #3b3935)) }
[hidden], :host([hidden]) { display: none !important }
* { box-sizing: border-box; margin: 0; padding: 0 }
section { display: grid; grid: "label view status controls" 1fr / auto 1fr auto auto; align-items: center; overflow: hidden;
  color: var(--ticker-color, light-dark(#1a1a1a, #e9e6e1)); background: var(--ticker-background, light-dark(#fff, #141414));
  border-block: 1px solid var(--rule); font: var(--ticker-font, 1rem/1.3 system-ui, sans-serif) }
.line, .marquee { block-size: var(--ticker-size, 3.5rem) }
.label { grid-area: label; align-self: stretch; display: grid; place-content: center; min-inline-size: 7.25em; padding-inline: .5em;
  color: light-dark(#fff, #fff); background: var(--ticker-label, light-dark(#1a1a1a, #3b3935));
  font-size: .8125em; font-weight: 700; letter-spacing: .04em; text-transform: uppercase }
.label.breaking { background: var(--ticker-breaking, light-dark(#a3111d, #b81f2b)) }
.view { grid-area: view; align-self: stretch; display: grid; grid: 1fr / minmax(0, 1fr); overflow: hidden; padding-inline: .75rem }
.wait { align-self: center }
.line :is(ul, li) { block-size: 100% }
ul { list-style: none }
li { display: flex; align-items: center; column-gap: .75em }
a { flex: 1; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; overflow-wrap: anywhere;
  color: inherit; text-decoration: none }
a:hover { text-decoration: underline }
:focus-visible { outline: 2px solid; outline-offset: -2px }
.tag, .reported { font-weight: 700 }
.tag { color: light-dark(#a3111d, #ff9189) }
time, .status { color: var(--ticker-quiet, light-dark(#595959, #aaa59d)); font-size: .8125em; white-space: nowrap }
.status { grid-area: status; max-inline-size: 8em; padding-inline-end: .75rem; white-space: normal; text-align: end }
.controls { grid-area: controls; display: flex }
.list .controls, .marquee .step { display: none }
button { inline-size: 2.5rem; block-size: 2.5rem; display: grid; place-content: center; border: 0; background: none; color: inherit; cursor: pointer }
button::before { content: ""; border: .4rem solid; clip-path: polygon(0 0, 100% 50%, 0 100%) }
.pause::before { clip-path: polygon(0 0, 40% 0, 40% 100%, 60% 100%, 60% 0, 100% 0, 100% 100%, 0 100%) }
.step::before { clip-path: polygon(15% 0, 45% 0, 95% 50%, 45% 100%, 15% 100%, 65% 50%) }
.next::before { scale: calc(-1 * var(--way)) 1 }
.previous::before { scale: var(--way) 1 }
.list { grid: "label . status controls" 2.5rem "view view view view" / auto 1fr auto auto }
.list .view { block-size: calc(var(--rows) * var(--row)); --row: var(--ticker-row-size, 3.25rem) }
.list li { block-size: var(--row); border-block-start: 1px solid var(--rule) }
.marquee .track { display: flex; inline-size: max-content; min-inline-size: 100%; animation: run calc(var(--seconds) * 1s / var(--ticker-speed, 1)) linear infinite }
.marquee .track ul { flex: none; display: flex; justify-content: space-around; min-inline-size: 50% }
.marquee .track li { padding-inline-end: 3rem; white-space: nowrap }
.marquee.paused .track, .marquee .track:hover { animation-play-state: paused }
.marquee .track:has(:focus-visible) { animation: none }
@keyframes run { to { transform: translateX(calc(var(--way) * 50%)) } }
:host(:dir(rtl)) { --way: 1 }
@media (prefers-reduced-motion: reduce) {
  .marquee .track { animation: none } .marquee .view { overflow-x: auto } .motion, [aria-hidden] { display: none }
}
@container (width < 36rem) {
  .line { grid: "label status . controls" 2.75rem "view view view view" 1fr / auto auto 1fr auto; block-size: var(--ticker-size-narrow, 8.25rem) }
  .line li, .list li { flex-direction: column; align-items: start; justify-content: center }
  .line a, .list a { flex: none; -webkit-line-clamp: 3 }
  .list .view { --row: var(--ticker-row-size-narrow, 5.5rem) }
}`);

const SOURCES = new Map();
const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

// Checks what came from the network: headlines, or an error.
function parse(text, base) {
  const { version, title, refresh, headlines } = JSON.parse(text);
  if (version !== 1) throw Error();
  const read = headlines.slice(0, MOST).flatMap((one) => {
    const link = new URL(one.url, base), words = one.title.trim().slice(0, MOST_TEXT);
    if (!words || !/^https?:$/.test(link.protocol)) return [];
    return { title: words, url: link.href, published: Date.parse(one.published), breaking: one.breaking === true, reported: one.claim === "reported" };
  });
  return { title: typeof title === "string" ? title : "", refresh: clamp(refresh || 60, 15, 3600) || 60, headlines: read };
}

async function load(url, signal) {
  // An If-None-Match of our own would cost a preflight; with no-cache the browser sends its cache's.
  const response = await fetch(url, { cache: "no-cache", credentials: "omit", signal });
  if (!response.ok) throw Error();
  const reader = response.body.getReader(), decoder = new TextDecoder();
  let text = "", bytes = 0;
  for (let part; !(part = await reader.read()).done; text += decoder.decode(part.value, { stream: true })) {
    bytes += part.value.length;
    if (bytes > MOST_BYTES) throw Error();
  }
  return text;
}

// One address, polled once for all tickers of a page that show it.
class Source {
  #tickers = new Set();
  #request; #text; #timer;
  #asked = -Infinity;
  #jitter = 1;
  failures = 0;

  constructor(url) {
    this.url = url;
    SOURCES.set(url, this);
  }

  join(ticker) {
    if (!this.#tickers.size) document.addEventListener("visibilitychange", this.#plan);
    this.#tickers.add(ticker);
    this.#plan();
  }

  leave(ticker) {
    this.#tickers.delete(ticker);
    if (this.#tickers.size) return;
    SOURCES.delete(this.url);
    document.removeEventListener("visibilitychange", this.#plan);
    this.#request?.abort();
    clearTimeout(this.#timer);
  }

  #plan = () => {
    clearTimeout(this.#timer);
    if (document.hidden || this.#request) return;
    const interval = Math.min(...Array.from(this.#tickers, (ticker) => ticker.interval));
    const usual = clamp(interval, this.news?.refresh ?? 60, 86400);
    const wait = Math.min(usual * 2 ** this.failures, Math.max(usual, 900)) * this.#jitter * 1000;
    this.#timer = setTimeout(this.#ask, clamp(this.#asked + wait - Date.now(), 0, wait));
  };

  #ask = async () => {
    const request = (this.#request = new AbortController()), timer = setTimeout(() => request.abort(), TIMEOUT);
    try {
      const text = await load(this.url, request.signal);
      if (text !== this.#text) this.news = parse(text, this.url);
      this.#text = text;
      this.updated = Date.now();
      this.failures = 0;
    } catch {
      // Keep the last headlines.
      this.failures += 1;
    }
    clearTimeout(timer);
    request.abort();
    this.#request = null;
    this.#asked = Date.now();
    this.#jitter = 1 + Math.random() / 5;
    if (!this.#tickers.size) return;
    this.#tickers.forEach((ticker) => ticker.show());
    this.#plan();
  };
}

function make(name, part, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return dress(made, part);
}

function dress(element, part) {
  element.className = element.part = part;
  return element;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function ago(moment, lang) {
  const seconds = Math.max(0, (Date.now() - moment) / 1000);
  const [length, unit] = [[86400, "day"], [3600, "hour"], [60, "minute"], [0, "second"]].find(([length]) => seconds >= length);
  const told = (lang) => new Intl.RelativeTimeFormat(lang, { numeric: "auto", style: "short" }).format(length && -Math.floor(seconds / length), unit);
  try {
    return told(lang);
  } catch {
    // The page's lang is not a language.
    return told();
  }
}

class HeadlineTicker extends HTMLElement {
  static observedAttributes = ["src", "limit", "interval", "layout", "label", ...Object.keys(WORDS).map((name) => "label-" + name)];
  #source; #news; #timer;
  #shown = [];
  #at = 0;
  #paused = false;
  #sizes = new CSSStyleSheet();
  #label = make("p", "label");
  #wait = make("p", "wait");
  #slot = make("slot", "");
  #list = make("ul", "headlines");
  #track = make("div", "track", this.#list);
  #view = make("div", "view", this.#wait, this.#slot, this.#track);
  #status = make("p", "status");
  #previous = make("button", "button step previous");
  #pause = make("button", "");
  #next = make("button", "button step next");
  #controls = make("div", "controls", this.#previous, this.#pause, this.#next);
  #ticker = make("section", "ticker", this.#label, this.#view, this.#status, this.#controls);

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [STYLE, this.#sizes];
    root.append(this.#ticker);
    // Safari removes the role from a list without markers.
    this.#list.role = "list";
    this.#previous.onclick = () => this.#turn(-1, "polite");
    this.#next.onclick = () => this.#turn(1, "polite");
    this.#pause.onclick = () => {
      this.#hold(!this.#paused);
      try {
        sessionStorage.headlineTicker = this.#paused;
        // Storage may be forbidden.
      } catch {}
    };
    this.#track.addEventListener("focusout", () => (this.#view.scrollLeft = 0));
  }

  connectedCallback() {
    // Already running; the element was only moved.
    if (this.#timer) return;
    try {
      this.#paused = sessionStorage.headlineTicker === "true";
    } catch {}
    this.#timer = setInterval(this.#beat, BEAT);
    this.#set();
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected) return;
      clearInterval(this.#timer);
      this.#source?.leave(this);
      this.#timer = this.#source = null;
    });
  }

  attributeChangedCallback() {
    if (this.#timer) this.#set();
  }

  get interval() {
    return this.getAttribute("interval") | 0;
  }

  get #layout() {
    return /^(list|marquee)$/.exec(this.getAttribute("layout"))?.[0] ?? "line";
  }

  #word(name) {
    return this.getAttribute("label-" + name) ?? WORDS[name];
  }

  #set() {
    const base = document.baseURI, src = this.getAttribute("src") ?? new URL("headlines.json", import.meta.url);
    const url = URL.canParse(src, base) ? new URL(src, base).href : "";
    if (url !== this.#source?.url) {
      this.#source?.leave(this);
      this.#source = /^https?:/.test(url) ? SOURCES.get(url) ?? new Source(url) : null;
    }
    this.#render();
    this.#source?.join(this);
  }

  show() {
    if (this.#source.news !== this.#news) this.#render();
    this.#age();
  }

  #render() {
    const news = (this.#news = this.#source?.news), layout = this.#layout, limit = clamp(this.getAttribute("limit") | 0 || 5, 1, MOST);
    const shown = news?.headlines.slice(0, limit) ?? [];
    const before = this.#shown[this.#at]?.url, focused = this.shadowRoot.activeElement?.href;
    this.#shown = shown;
    this.#at = Math.max(0, shown.findIndex((one) => one.url === before));
    const tagged = layout !== "line" && !shown.every((one) => one.breaking);
    this.#list.replaceChildren(...shown.map((one) => this.#row(one, tagged && one.breaking)));
    this.#track.replaceChildren(this.#list);
    if (layout === "marquee") {
      // The list is doubled, so that it scrolls without a gap; the second half is hidden from assistive technology.
      const echo = this.#list.cloneNode(true);
      echo.ariaHidden = true;
      echo.querySelectorAll("a").forEach((link) => (link.tabIndex = -1));
      this.#track.append(echo);
    }
    const letters = shown.reduce((sum, one) => sum + one.title.length + 20, 0);
    this.#sizes.replaceSync(`:host { --rows: ${limit}; --seconds: ${letters / 7 + 9} }`);
    dress(this.#ticker, "ticker " + layout).ariaLabel = this.getAttribute("label") || news?.title || "Latest headlines";
    this.#controls.hidden = shown.length < (layout === "line" ? 2 : 1);
    this.#previous.title = this.#word("previous");
    this.#next.title = this.#word("next");
    this.#hold(this.#paused);
    this.#turn(0);
    this.#age();
    this.#list.querySelectorAll("a").forEach((link) => link.href === focused && link.focus());
  }

  #row(one, tagged) {
    const title = make("bdi", "title", one.title), link = make("a", "link");
    title.dir = "auto";
    link.href = one.url;
    link.rel = "noopener";
    if (tagged) link.append(make("bdi", "tag", this.#word("breaking")), " ");
    if (one.reported) link.append(make("bdi", "reported", this.#word("reported")), " ");
    link.append(title);
    const row = make("li", one.breaking ? "headline breaking" : "headline", link);
    if (one.published) {
      const time = make("time", "time");
      time.dateTime = new Date(one.published).toISOString();
      row.append(time);
    }
    return row;
  }

  // Shows the next or previous headline. Only when a person asks for it is the headline announced.
  #turn(way, live = "off") {
    this.#list.ariaLive = live;
    const line = this.#layout === "line", count = this.#shown.length;
    this.#at = (this.#at + way + count) % count || 0;
    [...this.#list.children].forEach((row, index) => (row.hidden = line && index !== this.#at));
    const beside = line ? this.#shown.slice(this.#at, this.#at + 1) : this.#shown;
    const kind = count && beside.every((one) => one.breaking) ? "breaking" : "latest";
    dress(this.#label, "label " + kind).textContent = this.#word(kind);
  }

  #hold(paused) {
    this.#paused = paused;
    this.#ticker.classList.toggle("paused", paused);
    const action = paused ? "play" : "pause";
    dress(this.#pause, "button motion " + action).title = this.#word(action);
  }

  #beat = () => {
    if (document.hidden) return;
    const looking = this.#view.matches(":hover") || (this.shadowRoot.activeElement ?? this.#pause) !== this.#pause;
    if (this.#layout === "line" && !this.#paused && !matchMedia("(prefers-reduced-motion: reduce)").matches && !looking) this.#turn(1);
    this.#age();
  };

  #age() {
    const { news, failures, updated } = this.#source ?? {}, lang = this.closest("[lang]")?.lang;
    this.#track.querySelectorAll("time").forEach((time) => say(time, ago(Date.parse(time.dateTime), lang)));
    say(this.#status, news && failures ? this.#word("updated").replace("{age}", ago(updated, lang)) : "");
    say(this.#wait, this.#word(news ? "empty" : "loading"));
    this.#slot.hidden = news || !failures;
    this.#wait.hidden = this.#shown.length || !this.#slot.hidden;
    this.#track.hidden = !this.#shown.length;
  }
}

// A page may load this script twice, by both of its addresses.
customElements.get("headline-ticker") ?? customElements.define("headline-ticker", HeadlineTicker);
