// What pages do beyond links, forms and htmx. Everything works without it.

// A copied thing says so, to eyes and to ears.
document.addEventListener("clipboard-copy", ({ target }) => {
  const said = document.getElementById("copied");
  target.dataset.done = "";
  said.textContent = said.dataset.word;
  setTimeout(() => {
    delete target.dataset.done;
    said.textContent = "";
  }, 2000);
});

// `/` goes to the search of the page, else to the one of the frame.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("main [data-search]") ?? document.querySelector("[data-search]");
  if (search) {
    event.preventDefault();
    search.focus();
  }
});

// A form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent !== undefined) event.preventDefault();
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, 5000);
});

// Where changes show at once, the button for those without script is not needed.
document.documentElement.classList.add("js");
