// Requests by keyboard: j and k go to the next and the one before, a and d tick the one where one is
// and go to the button that approves or to the reason of a denial. Nothing is decided by a letter.

const requests = [...document.querySelectorAll("[data-request]")];
const box = (request) => request?.querySelector("[name=pick]");
const here = () => requests.findIndex((request) => request.contains(document.activeElement));

function visit(at) {
  const request = requests[Math.max(0, Math.min(at, requests.length - 1))];
  (box(request) ?? request?.querySelector("a"))?.focus();
  request?.scrollIntoView({ block: "nearest" });
}

function tick() {
  const one = box(requests[here()]);
  if (one) one.checked = true;
  return document.querySelector("[name=pick]:checked");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (event.key === "j") visit(here() + 1);
  else if (event.key === "k") visit(here() < 0 ? requests.length - 1 : here() - 1);
  else if (event.key === "a" && tick()) document.querySelector("[data-approve]")?.focus();
  else if (event.key === "d" && tick()) document.querySelector("#reason")?.focus();
  else return;
  event.preventDefault();
});

for (const keys of document.querySelectorAll("[data-keys]")) keys.hidden = !requests.length;
