// Boxes of scopes: a search over them, and one press for a level of a whole group. Without this they
// are boxes to tick, all of them in sight.

function dress(field) {
  const boxes = [...field.querySelectorAll("[name=scopes]")];
  const search = field.querySelector("[data-scope-search]");
  const none = field.querySelector("[data-scope-none]");
  const levels = [...field.querySelectorAll("[data-levels] button")];

  function show() {
    for (const level of levels) {
      const wanted = level.value.split(" ").filter(Boolean);
      const group = boxes.filter((box) => level.closest(".scope-group").contains(box));
      const is = group.every((box) => box.checked === wanted.includes(box.value));
      level.setAttribute("aria-pressed", String(is));
    }
  }

  function seek() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of field.querySelectorAll(".scope-group")) {
      const label = group.querySelector(".scope-label").textContent.toLowerCase();
      let within = 0;
      for (const choice of group.querySelectorAll(".choice")) {
        const text = `${label} ${choice.textContent.toLowerCase()}`;
        choice.hidden = !words.every((word) => text.includes(word));
        within += !choice.hidden;
      }
      group.hidden = !within;
      found += within;
    }
    none.hidden = found > 0;
  }

  field.addEventListener("click", ({ target }) => {
    const level = target.closest("[data-levels] button");
    if (!level) return;
    const wanted = level.value.split(" ").filter(Boolean);
    for (const box of level.closest(".scope-group").querySelectorAll("[name=scopes]")) {
      box.checked = wanted.includes(box.value);
    }
    show();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.addEventListener("input", show);
  search.addEventListener("input", (event) => {
    event.stopPropagation(); // it changes what is in sight, and nothing of the token
    seek();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  for (const part of field.querySelectorAll("[data-levels], [data-scope-tools]")) part.hidden = false;
  show();
}

document.querySelectorAll("[data-scopes]").forEach(dress);
