// The page that shows a secret: tabs, a try, a guard, and no way back.

const ticket = document.querySelector("[data-guard]");
let stored = false;

// Reload, Forward and a duplicate tab lead to the token, and not to the form that made it.
history.replaceState(null, "", ticket.dataset.after);

// Whoever leaves before they copied is asked whether they mean it.
addEventListener("beforeunload", (event) => {
  if (!stored) event.preventDefault();
});
document.addEventListener("clipboard-copy", ({ target }) => {
  if (target.closest("[data-takes]")) stored = true;
});
document.querySelector("[data-stored]").addEventListener("click", () => {
  stored = true;
});

// What a browser keeps of the page, for Back, holds no secret.
addEventListener("pagehide", () => {
  for (const shown of document.querySelectorAll("[data-secret], [data-answer]")) shown.remove();
  const gone = document.createElement("p");
  gone.textContent = ticket.dataset.gone;
  ticket.replaceChildren(gone);
});

// The uses side by side; without script they stand one below the other.
const uses = ticket.querySelector("[data-tabs]");
const sections = [...uses.querySelectorAll(".use")];
const bar = document.createElement("div");
bar.className = "tabs";
bar.setAttribute("role", "tablist");
bar.setAttribute("aria-label", uses.dataset.tabs);
const tabs = sections.map((section) => {
  const heading = section.querySelector("h2");
  const tab = document.createElement("button");
  tab.type = "button";
  tab.id = `tab-${section.id}`;
  tab.textContent = heading.textContent;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", section.id);
  section.setAttribute("role", "tabpanel");
  section.setAttribute("aria-labelledby", tab.id);
  heading.remove();
  bar.append(tab);
  return tab;
});
function choose(chosen) {
  tabs.forEach((tab, at) => {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    sections[at].hidden = tab !== chosen;
  });
}
bar.addEventListener("click", ({ target }) => tabs.includes(target) && choose(target));
bar.addEventListener("keydown", ({ key }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return;
  const next = tabs.at((tabs.indexOf(document.activeElement) + step) % tabs.length);
  choose(next);
  next.focus();
});
uses.prepend(bar);
choose(tabs[0]);

// The request that curl would make, made here; it carries the token, and no cookie.
for (const run of ticket.querySelectorAll("[data-run]")) {
  const answer = run.querySelector("[data-answer]");
  run.hidden = false;
  run.querySelector("[data-press]").addEventListener("click", async () => {
    const bearer = `Bearer ${document.getElementById("secret").textContent}`;
    try {
      const said = await fetch(run.dataset.run, { headers: { Authorization: bearer }, credentials: "omit", cache: "no-store" });
      show(answer, said, await said.json());
    } catch {
      answer.textContent = answer.dataset.failed;
    }
  });
}

function show(answer, said, body) {
  const line = document.createElement("p");
  line.className = "run-status";
  line.dataset.tone = said.ok ? "good" : "bad";
  line.textContent = `HTTP ${said.status}${body.errors ? ` ${body.errors[0].code}` : ""}`;
  const words = document.createElement("p");
  words.textContent = said.ok ? answer.dataset.allowed : body.errors?.[0]?.detail ?? answer.dataset.nothing;
  const chips = document.createElement("p");
  chips.className = "chips";
  for (const scope of said.ok ? body.data.attributes.scopes : []) {
    const chip = document.createElement("code");
    chip.className = "chip";
    chip.textContent = scope;
    chips.append(chip);
  }
  answer.replaceChildren(line, words, chips);
}
