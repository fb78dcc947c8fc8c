// <headline-ticker>: a newsroom's latest headlines on anybody's page. How to use and theme it: docs/ticker.md.

const MOST = 20, MOST_TEXT = 500, MOST_BYTES = 262144, TIMEOUT = 10000, BEAT = 6000, MOST_DISMISSED = 100;
const WORDS = {
  latest: "Latest", breaking: "Breaking", reported: "Reported:", analysis: "Analysis:", opinion: "Opinion:", sponsored: "Sponsored:", letter: "Letter:", loading: "Loading latest headlines…", empty: "No headlines just now.",
  updated: "Updated {age}", pause: "Pause", play: "Play", previous: "Previous headline", next: "Next headline", dismiss: "Dismiss",
};
const KINDS = ["analysis", "opinion", "sponsored", "letter"];
const STYLE = new CSSStyleSheet();
// Text is black or white by the ground that it stands on, and the ground by the text where the site sets that alone. A ground that lets
// the page through counts as the page's, which is white or near black. A browser that can't work that out keeps the page's colours.
// All else that the page's own style says ends at the section; sizes are in its em.
const on = (ground, dark = .1) => `oklch(from color-mix(in oklab, ${ground}, canvas 1%) clamp(${dark}, (.58 - l) * 1000, 1) 0 0 / 1)`;
STYLE.replaceSync(`
:host { display: block; container-type: inline-size; min-inline-size: min(100%, 256px); --way: -1 }
[hidden], :host([hidden]) { display: none !important }
* { box-sizing: border-box; margin: 0; padding: 0 }
section { all: initial; visibility: inherit; color-scheme: inherit; box-sizing: border-box;
  display: grid; grid: "label view status controls" 1fr / auto 1fr auto auto; align-items: center; overflow: hidden;
  --ground: var(--ticker-background, ${on("var(--ticker-color, light-dark(#1a1a1a, #e9e6e1))", .19)});
  color: var(--ticker-color, ${on("var(--ticker-background, light-dark(#fff, #141414))")}); background: var(--ground);
  --rule: 1px solid var(--ticker-border, color-mix(in oklab, currentColor 22%, transparent)); border-block: var(--rule);
  font: var(--ticker-font, medium/1.3 system-ui, sans-serif) }
section.breaking { --ground: var(--ticker-breaking, light-dark(#a3111d, #b81f2b)); color: ${on("var(--ground)")} }
.line, .marquee { block-size: var(--ticker-size, 3.5em) }
.label { grid-area: label; align-self: stretch; display: grid; place-content: center; min-inline-size: 7.25em; padding-inline: .5em;
  --tab: var(--ticker-label, light-dark(#1a1a1a, #3b3935)); background: var(--tab); color: ${on("var(--tab)")}; letter-spacing: .04em }
.label.breaking { --tab: var(--ticker-breaking, light-dark(#a3111d, #b81f2b)) }
section.breaking .label { --tab: color-mix(in oklab, var(--ground), black 30%) }
.view { grid-area: view; align-self: stretch; display: grid; grid: 1fr / minmax(0, 1fr); overflow: hidden; padding-inline: .75em }
.wait { align-self: center }
.line :is(ul, li) { block-size: 100% }
ul { list-style: none }
li { display: flex; align-items: center; column-gap: .75em }
a { flex: 1; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; overflow-wrap: anywhere;
  color: inherit; text-decoration: none }
a:hover { text-decoration: underline }
:focus-visible { outline: 2px solid; outline-offset: -2px }
.label, .tag, .reported, .kind { font-weight: 700 }
.label, .tag { text-transform: uppercase }
.label, .tag, time, .status { font-size: .8125em }
time, .status { color: var(--ticker-quiet, inherit); white-space: nowrap }
section.breaking :is(time, .status) { color: inherit }
.status { grid-area: status; max-inline-size: 8em; padding-inline-end: .75em; white-space: normal; text-align: end }
.controls { grid-area: controls; display: flex }
.list .motion, .list .step, .marquee .step { display: none }
button { inline-size: 40px; block-size: 40px; font: inherit; display: grid; place-content: center; border: 0; background: none; color: inherit; cursor: pointer }
button::before { content: ""; border: .4em solid; clip-path: polygon(0 0, 100% 50%, 0 100%) }
.pause::before { clip-path: polygon(0 0, 40% 0, 40% 100%, 60% 100%, 60% 0, 100% 0, 100% 100%, 0 100%) }
.step::before { clip-path: polygon(15% 0, 45% 0, 95% 50%, 45% 100%, 15% 100%, 65% 50%) }
.dismiss::before { clip-path: polygon(10% 0, 50% 40%, 90% 0, 100% 10%, 60% 50%, 100% 90%, 90% 100%, 50% 60%, 10% 100%, 0 90%, 40% 50%, 0 10%) }
.next::before { scale: calc(-1 * var(--way)) 1 }
.previous::before { scale: var(--way) 1 }
.list { grid: "label . status controls" 40px "view view view view" / auto 1fr auto auto }
.list .view { block-size: calc(var(--rows) * var(--row)); --row: var(--ticker-row-size, 3.25em) }
.list li { block-size: var(--row); border-block-start: var(--rule) }
.marquee .track { display: flex; inline-size: max-content; min-inline-size: 100%; animation: run calc(var(--seconds) * 1s / var(--ticker-speed, 1)) linear infinite }
.marquee .track ul { flex: none; display: flex; justify-content: space-around; min-inline-size: 50% }
.marquee .track li { padding-inline-end: 3em; white-space: nowrap }
.marquee.paused .track, .marquee .track:hover { animation-play-state: paused }
.marquee .track:has(:focus-visible) { animation: none }
@keyframes run { to { transform: translateX(calc(var(--way) * 50%)) } }
:host(:dir(rtl)) { --way: 1 }
@media (prefers-reduced-motion: reduce) {
  .marquee .track { animation: none } .marquee .view { overflow-x: auto } .motion, [aria-hidden] { display: none }
}
@container (width < 576px) {
  .line { grid: "label status . controls" 44px "view view view view" 1fr / auto auto 1fr auto; block-size: var(--ticker-size-narrow, 8.25em) }
  .line li, .list li { flex-direction: column; align-items: start; justify-content: center }
  .line a, .list a { flex: none; -webkit-line-clamp: 3 }
  .list .view { --row: var(--ticker-row-size-narrow, 5.5em) }
}`);

const ATTRIBUTES = [
  ..."src limit interval layout label max-age dismissible only".split(" "),
  ...Object.keys(WORDS).map((name) => "label-" + name),
];
const SOURCES = new Map();
// A framework that has written a property before this script came, or that spreads it, has made it an attribute in lower case.
const plain = (attribute) => attribute.replaceAll("-", "");
const given = (element, attribute) => element.getAttribute(attribute) ?? element.getAttribute(plain(attribute));
const dismissible = (element) => ![null, "false"].includes(given(element, "dismissible"));
const camel = (attribute) => attribute.replace(/-./g, (letters) => letters[1].toUpperCase());
const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

// Checks what came from the network: headlines, or an error.
function parse(text, base) {
  const { version, title, refresh, headlines } = JSON.parse(text);
  if (version !== 1) throw Error();
  const read = headlines.slice(0, MOST).flatMap((one) => {
    const link = new URL(one.url, base), words = one.title.trim().slice(0, MOST_TEXT);
    if (!words || !/^https?:$/.test(link.protocol)) return [];
    const [published, until] = [one.published, one.breaking_until].map((moment) => Date.parse(moment));
    // An older service doesn't say when what breaks ends: two hours on, as by default.
    return { id: `${one.id ?? link}`, title: words, url: link.href, published, until: until || published + 7200000, breaking: one.breaking === true, reported: one.claim === "reported", kind: KINDS.includes(one.kind) ? one.kind : null };
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
  #jitter = Math.random();
  failures = 0;

  constructor(url) {
    this.url = url;
    SOURCES.set(url, this);
  }

  join(ticker) {
    if (!this.#tickers.size) {
      document.addEventListener("visibilitychange", this.#prompt);
      addEventListener("online", this.#prompt);
    }
    this.#tickers.add(ticker);
    this.#plan();
  }

  leave(ticker) {
    this.#tickers.delete(ticker);
    if (this.#tickers.size) return;
    SOURCES.delete(this.url);
    document.removeEventListener("visibilitychange", this.#prompt);
    removeEventListener("online", this.#prompt);
    this.#request?.abort();
    clearTimeout(this.#timer);
  }

  #plan = (most = Infinity) => {
    clearTimeout(this.#timer);
    if (document.hidden || this.#request) return;
    const now = Date.now(), interval = Math.min(...Array.from(this.#tickers, (ticker) => ticker.interval()));
    const usual = clamp(interval, this.news?.refresh ?? 60, 86400);
    // A second of jitter spreads readers who ask in time; after failures all of them come at once, so it is a fifth.
    const wait = 1000 * (this.failures ? Math.min(usual * 2 ** this.failures, Math.max(usual, 900)) * (1 + this.#jitter / 5) : usual + this.#jitter);
    // What breaks ends to the second.
    const ends = this.news?.headlines.flatMap((one) => (one.breaking && one.until > now ? one.until - now + 1000 * this.#jitter : [])) ?? [];
    this.#timer = setTimeout(this.#ask, Math.min(most, clamp(this.#asked + wait - now, 0, wait), ...ends));
  };

  // Back on the network, or looked at again: one try soon, however long the wait was.
  #prompt = () => this.#plan(this.failures ? 500 + 1500 * this.#jitter : Infinity);

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
    this.#jitter = Math.random();
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

// The nearest language around an element, also of the page around a component that it is in.
function language(element) {
  for (let inner = element; inner; inner = inner.getRootNode().host) {
    const found = inner.closest("[lang]");
    if (found) return found.lang;
  }
}

// The ids of headlines that a reader has dismissed; storage may be forbidden.
function dismissed() {
  try {
    return JSON.parse(localStorage.headlineTickerDismissed).map(String);
  } catch {
    return [];
  }
}

class HeadlineTicker extends HTMLElement {
  static observedAttributes = [...new Set([...ATTRIBUTES, ...ATTRIBUTES.map(plain)])];
  #source; #news; #timer;
  #poll = { interval: () => given(this, "interval") | 0, show: () => this.#show() };
  #shown = [];
  #broke = new Set();
  #dismissed = [];
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
  #dismiss = make("button", "button dismiss");
  #controls = make("div", "controls", this.#previous, this.#pause, this.#next, this.#dismiss);
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
    this.#dismiss.onclick = () => {
      this.#dismissed = [...new Set([...this.#shown.map((one) => one.id), ...dismissed()])].slice(0, MOST_DISMISSED);
      try {
        localStorage.headlineTickerDismissed = JSON.stringify(this.#dismissed);
        // Storage may be forbidden.
      } catch {}
      this.#render();
    };
    this.#track.addEventListener("focusout", () => (this.#view.scrollLeft = 0));
  }

  connectedCallback() {
    // Already running; the element was only moved.
    if (this.#timer) return;
    // A property that was set before this script came hides the one of the class.
    for (const name of ATTRIBUTES.map(camel).filter((name) => Object.hasOwn(this, name))) {
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    this.#dismissed = dismissed();
    try {
      this.#paused = sessionStorage.headlineTicker === "true";
    } catch {}
    this.#begin();
    this.#set();
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected) return;
      clearInterval(this.#timer);
      this.#source?.leave(this.#poll);
      this.#timer = this.#source = null;
    });
  }

  attributeChangedCallback() {
    if (this.#timer) this.#set();
  }

  get #layout() {
    return /^(list|marquee)$/.exec(given(this, "layout"))?.[0] ?? "line";
  }

  #word(name) {
    return given(this, "label-" + name) ?? WORDS[name];
  }

  #set() {
    const base = document.baseURI, src = given(this, "src") ?? new URL("headlines.json", import.meta.url);
    const url = URL.canParse(src, base) ? new URL(src, base).href : "";
    if (url !== this.#source?.url) {
      this.#source?.leave(this.#poll);
      this.#source = /^https?:/.test(url) ? SOURCES.get(url) ?? new Source(url) : null;
    }
    this.#render();
    this.#source?.join(this.#poll);
  }

  #show() {
    if (this.#source.news !== this.#news) this.#render();
    this.#age();
  }

  #breaks(one) {
    // Where the service can't say so, the clock does.
    return one.breaking && !(this.#source.failures && one.until < Date.now());
  }

  // The headlines to show: those not too old, not dismissed, of the kind that is asked for, and not of the article that is being read.
  #chosen() {
    const limit = clamp(given(this, "limit") | 0 || 5, 1, MOST), age = given(this, "max-age") * 1000 || Infinity;
    const [only, hidden] = [given(this, "only") === "breaking", dismissible(this) ? this.#dismissed : []];
    const read = [location.href.split("#")[0], document.querySelector("link[rel=canonical]")?.href];
    const wanted = (one) => !read.includes(one.url) && (!only || this.#breaks(one)) && !(Date.now() - one.published > age) && !hidden.includes(one.id);
    return this.#source?.news?.headlines.filter(wanted).slice(0, limit) ?? [];
  }

  #render() {
    const news = (this.#news = this.#source?.news), layout = this.#layout, limit = clamp(given(this, "limit") | 0 || 5, 1, MOST);
    const shown = this.#chosen(), breaking = shown.filter((one) => this.#breaks(one));
    const before = this.#shown[this.#at]?.id, focused = this.shadowRoot.activeElement?.href;
    // What has just broken is shown at once, unless the reader is about to follow a link.
    const broke = focused ? null : breaking.find((one) => !this.#broke.has(one.id))?.id;
    this.#broke = new Set(breaking.map((one) => one.id));
    this.#shown = shown;
    this.#at = Math.max(0, shown.findIndex((one) => one.id === (broke ?? before)));
    const tagged = layout !== "line" && breaking.length < shown.length;
    this.#list.replaceChildren(...shown.map((one) => this.#row(one, breaking.includes(one), tagged)));
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
    if (broke) this.#begin();
    dress(this.#ticker, "ticker " + layout).ariaLabel = given(this, "label") || news?.title || "Latest headlines";
    this.#ticker.classList.toggle("breaking", !!breaking.length);
    this.#dismiss.hidden = !dismissible(this);
    this.#dismiss.title = this.#word("dismiss");
    const still = (this.#previous.hidden = this.#pause.hidden = this.#next.hidden = layout === "line" && shown.length < 2);
    this.#controls.hidden = !shown.length || (still && this.#dismiss.hidden);
    // A strip for breaking news while there is none, or one of whose headlines none is left to show.
    this.#ticker.hidden = !shown.length && (given(this, "only") === "breaking" || !!news?.headlines.length);
    this.#previous.title = this.#word("previous");
    this.#next.title = this.#word("next");
    this.#hold(this.#paused);
    this.#turn(0);
    this.#age();
    this.#list.querySelectorAll("a").forEach((link) => link.href === focused && link.focus());
  }

  // From the beginning, where breaking news is: it has all its time.
  #begin() {
    clearInterval(this.#timer);
    this.#timer = setInterval(this.#beat, BEAT);
    this.#track.getAnimations().forEach((animation) => (animation.currentTime = 0));
    this.#view.scrollLeft = 0;
  }

  #row(one, breaking, tagged) {
    const title = make("bdi", "title", one.title), link = make("a", "link");
    title.dir = "auto";
    link.href = one.url;
    link.rel = "noopener";
    if (breaking && tagged) link.append(make("bdi", "tag", this.#word("breaking")), " ");
    if (one.kind) link.append(make("bdi", "kind", this.#word(one.kind)), " ");
    if (one.reported) link.append(make("bdi", "reported", this.#word("reported")), " ");
    link.append(title);
    const row = make("li", breaking ? "headline breaking" : "headline", link);
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
    const kind = count && beside.every((one) => this.#breaks(one)) ? "breaking" : "latest";
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
    // Time alone makes headlines too old, or ends what breaks.
    const chosen = this.#chosen(), same = chosen.length === this.#shown.length && chosen.every((one, index) => one === this.#shown[index]);
    if (!same || chosen.some((one) => this.#breaks(one) !== this.#broke.has(one.id))) this.#render();
    this.#age();
  };

  #age() {
    const { news, failures, updated } = this.#source ?? {}, lang = language(this);
    this.#track.querySelectorAll("time").forEach((time) => say(time, ago(Date.parse(time.dateTime), lang)));
    say(this.#status, news && failures ? this.#word("updated").replace("{age}", ago(updated, lang)) : "");
    say(this.#wait, this.#word(news ? "empty" : "loading"));
    this.#slot.hidden = news || !failures;
    this.#wait.hidden = this.#shown.length || !this.#slot.hidden;
    this.#track.hidden = !this.#shown.length;
  }
}

// Every attribute is a property too, as frameworks set them.
ATTRIBUTES.forEach((attribute) => {
  const [flag, number] = [attribute === "dismissible", /^(limit|interval|max-age)$/.test(attribute)];
  Object.defineProperty(HeadlineTicker.prototype, camel(attribute), {
    configurable: true,
    enumerable: true,
    get() {
      const value = given(this, attribute);
      return flag ? dismissible(this) : number ? +value || 0 : value ?? "";
    },
    set(value) {
      if (plain(attribute) !== attribute) this.removeAttribute(plain(attribute));
      // What a framework no longer gives is null, or no text.
      if (flag ? !value : value == null || value === "") this.removeAttribute(attribute);
      else this.setAttribute(attribute, flag ? "" : value);
    },
  });
});

// A page may load this script twice, by both of its addresses.
customElements.get("headline-ticker") ?? customElements.define("headline-ticker", HeadlineTicker);
