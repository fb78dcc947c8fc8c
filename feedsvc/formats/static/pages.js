// What the pages can do besides: copy an address, make up the ticker's lines, and say how long ago something was. Each says all that it says without this.

const told = document.body.appendChild(document.createElement("p"));
told.className = "unseen";
told.setAttribute("role", "status");

function copyable(code) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  const says = (word) => {
    button.textContent = word;
    told.textContent = word === "Copy" ? "" : word;
  };
  says("Copy");
  button.setAttribute("aria-label", `Copy ${code.closest("[data-copy]").dataset.copy}`);
  let wait;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      says("Copied");
    } catch {
      // Without a secure context, or where it is forbidden, there is no clipboard: the text is ready for the reader's own keys.
      getSelection().selectAllChildren(code);
      says("Selected");
    }
    clearTimeout(wait);
    wait = setTimeout(says, 2000, "Copy");
  });
  code.after(button);
}

function configure(form) {
  const line = (name) => form.querySelector(`[data-line=${name}] code`);
  const parsed = (name, tag) => new DOMParser().parseFromString(line(name).textContent, "text/html").querySelector(tag);
  const chosen = (name) => form.querySelector(`[name=${name}]`);
  const [script] = line("element").textContent.split("\n");
  const ticker = parsed("element", "headline-ticker");
  const frame = parsed("frame", "iframe");
  const base = form.dataset.public;
  const preview = form.querySelector(".preview");

  function choose() {
    const topic = chosen("topic").value;
    const layout = chosen("layout").value;
    const theme = chosen("theme").value;
    const typed = parseInt(chosen("limit").value, 10);
    const limit = Number.isNaN(typed) ? 5 : Math.min(20, Math.max(1, typed));
    const name = encodeURIComponent(topic);
    ticker.setAttribute("src", `${base}${topic === "all" ? "/headlines.json" : `/headlines/${name}.json`}`);
    ticker.setAttribute("layout", layout);
    ticker.setAttribute("limit", limit);
    ticker.firstElementChild.setAttribute("href", `${base}${topic === "all" ? "/" : `/topics/${name}`}`);
    const asked = new URLSearchParams({ topic, layout, limit, ...(theme.includes(" ") ? {} : { theme }) });
    frame.setAttribute("src", `${base}/embed/ticker?${asked}`);
    frame.setAttribute("height", layout === "list" ? 64 + 56 * limit : 132);
    line("element").textContent = `${script}\n${ticker.outerHTML}`;
    line("frame").textContent = frame.outerHTML;
    line("noscript").textContent = `<noscript>${frame.outerHTML}</noscript>`;
    line("style").textContent = `headline-ticker { color-scheme: ${theme} }`;
    const live = document.importNode(ticker, true);
    // Where the page is read by another address than the public one, as in a trial, its headlines are there too.
    live.setAttribute("src", new URL(ticker.getAttribute("src")).pathname);
    live.setAttribute("label", "Preview");
    preview.style.colorScheme = theme;
    preview.replaceChildren(live);
  }

  const wanted = new URLSearchParams(location.search).get("topic");
  if ([...chosen("topic").options].some(({ value }) => value === wanted)) chosen("topic").value = wanted;
  form.addEventListener("change", choose);
  choose();
}

document.querySelectorAll("[data-copy] code").forEach(copyable);
document.querySelectorAll("[data-public]").forEach(configure);

// A page is kept by caches, so a time on it is the time; of the last day, this says how long ago that was.
function age(time) {
  time.dataset.shown ??= time.textContent;
  const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / 60000);
  const recent = minutes >= 0 && minutes < 1440;
  const [number, unit] = minutes < 60 ? [minutes, "minute"] : [Math.floor(minutes / 60), "hour"];
  time.textContent = recent ? ago.format(-number, unit) : time.dataset.shown;
  time.title = recent ? time.dataset.shown : "";
}

const ago = (() => {
  try {
    return new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  } catch {
    // The page's lang is no language that the browser knows of.
    return new Intl.RelativeTimeFormat();
  }
})();
const ages = () => document.querySelectorAll("time.ago").forEach(age);
ages();
setInterval(ages, 60000);
