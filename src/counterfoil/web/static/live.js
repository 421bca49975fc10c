// What changes by itself is looked up again, as long as somebody is there to see it: whoever leaves
// the page open is signed out like everybody who does nothing. Without this it changes with a reload.

const every = 4_000;
const patience = 180_000;
let touched = Date.now();
let asking = false;

for (const kind of ["pointermove", "keydown", "scroll"]) {
  addEventListener(kind, () => (touched = Date.now()), { passive: true });
}

async function look() {
  if (asking || document.hidden || Date.now() - touched > patience) return;
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
      if (now && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
    }
  } catch {
    // The server is away for a moment: what stands here stays.
  } finally {
    asking = false;
  }
}

if (document.querySelector("[data-live]")) setInterval(look, every);
