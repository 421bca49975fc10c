// The menu of a node in the tree: by right-click, by the menu key, and by its button.
// Without this the button opens it, and what it leads to is a link beside.

for (const node of document.querySelectorAll("[data-menu]")) {
  const menu = document.getElementById(node.dataset.menu);
  const items = [...menu.querySelectorAll("[role=menuitem]")];

  function openAt(x, y) {
    menu.style.left = `${Math.min(x, innerWidth - 252)}px`;
    menu.style.top = `${Math.min(y, innerHeight - 96)}px`;
    menu.showPopover();
  }

  node.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    const box = node.getBoundingClientRect();
    const byKey = event.clientX === 0 && event.clientY === 0;
    const open = () => openAt(byKey ? box.left + 24 : event.clientX, byKey ? box.bottom : event.clientY);
    // Where the menu is asked for before the button is let go, that would close it again.
    if (event.buttons) addEventListener("pointerup", () => setTimeout(open), { once: true });
    else open();
  });
  menu.addEventListener("beforetoggle", ({ newState }) => {
    if (newState !== "open" || menu.style.left) return;
    const box = node.getBoundingClientRect();
    menu.style.left = `${Math.min(box.left + 24, innerWidth - 252)}px`;
    menu.style.top = `${box.bottom + 2}px`;
  });
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") items[0].focus();
    else {
      menu.style.left = "";
      if (document.activeElement === document.body) node.querySelector("a").focus();
    }
  });
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    items.at(to % items.length).focus();
  });
}
