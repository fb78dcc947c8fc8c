// A preview that reloads when what it shows has changed, and copies its link. Without this it says all that it says.

const shown = document.querySelector("[data-preview]");
const told = document.querySelector(".pv-told");
const address = location.origin + location.pathname + location.search;
const EVERY = 1000;
let known = `"0-${shown.dataset.preview}"`;
let looking = false;

async function look() {
  if (document.hidden || looking || !shown.dataset.preview) return;
  looking = true;
  try {
    const answer = await fetch(address, { headers: { "If-None-Match": known }, cache: "no-store", redirect: "manual" });
    if (answer.status === 304) known = answer.headers.get("ETag") ?? known;
    else if (answer.status < 500) location.reload();
  } catch {
    // The service is away for a moment, as in a restart; the next look finds out.
  }
  looking = false;
}

function copying(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.link);
      told.textContent = "The link is copied.";
    } catch {
      // Without a secure context there is no clipboard: the link is ready for the reader's own keys.
      const link = document.createElement("code");
      link.textContent = button.dataset.link;
      button.replaceWith(link);
      getSelection().selectAllChildren(link);
      told.textContent = "The link is selected; copy it with your keyboard.";
    }
  });
}

document.querySelectorAll("[data-link]").forEach(copying);
document.addEventListener("visibilitychange", look);
setInterval(look, EVERY);
