// What changes by itself is looked up again, as long as somebody is there to see it: whoever leaves
// the page open is signed out like everybody who does nothing. Without this it changes with a reload.
// Each look is on record, so it is asked first whether there is anything new to see.

const every = 4_000;
const patience = 180_000;
let touched = Date.now();
let asking = false;

for (const kind of ["pointermove", "keydown", "scroll"]) {
  addEventListener(kind, () => (touched = Date.now()), { passive: true });
}

async function isNew(mark) {
  const asked = new URLSearchParams({ seen: mark });
  const answer = await fetch(`/live?${asked}`, { redirect: "error" });
  return (await answer.text()) !== "same";
}

function told(text) {
  const line = document.createElement("p");
  line.className = "callout";
  line.dataset.tone = "good";
  line.textContent = text;
  return line;
}

async function look() {
  const shown = document.querySelector("[data-mark]");
  if (!shown || asking || document.hidden || Date.now() - touched > patience) return;
  asking = true;
  try {
    if (!(await isNew(shown.dataset.mark))) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
      if (!now && part.dataset.done) part.replaceChildren(told(part.dataset.done));
      if (now && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
    }
    const next = fresh.querySelector("[data-mark]");
    if (next && shown.isConnected) shown.dataset.mark = next.dataset.mark;
    else shown.removeAttribute("data-mark");
  } catch {
    // The server is away for a moment, or nobody is signed in: what stands here stays.
  } finally {
    asking = false;
  }
}

if (document.querySelector("[data-mark]")) setInterval(look, every);
