// The tree of nodes as ARIA describes one: arrows, Home, End, space, and typing a name.
// Without this it is a list of boxes and arrows to press, which does the same. No node has an id:
// where htmx swaps one that has, it takes the attributes away that are set here.

const seconds = 1000;
let typed = "";
let typedAt = 0;
let last = "";
let began = false;

function dress(tree) {
  tree.setAttribute("role", "tree");
  tree.setAttribute("aria-label", tree.dataset.tree);
  tree.setAttribute("aria-multiselectable", "true");
  for (const list of tree.querySelectorAll("ul")) list.setAttribute("role", "group");
  for (const more of tree.querySelectorAll(".node-more")) more.setAttribute("role", "none");
  const nodes = [...tree.querySelectorAll("[data-node]")];
  for (const node of nodes) {
    node.setAttribute("role", "treeitem");
    node.setAttribute("aria-level", node.dataset.level);
    node.setAttribute("aria-checked", node.dataset.checked);
    node.setAttribute("aria-label", node.dataset.node);
    if (node.dataset.expanded) node.setAttribute("aria-expanded", node.dataset.expanded);
    node.tabIndex = -1;
    for (const inner of node.querySelectorAll("input, button")) inner.tabIndex = -1;
  }
  const first = nodes.find((node) => node.dataset.id === last) ?? nodes[0];
  if (first) first.tabIndex = 0;
}

function visit(node) {
  if (!node) return;
  for (const other of node.closest("[role=tree]").querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
  node.tabIndex = 0;
  last = node.dataset.id;
  node.focus();
}

const arrow = (node) => node.querySelector(":scope > .node-line > button");
const box = (node) => node.querySelector(":scope > .node-line input");

function press(event) {
  const node = event.target;
  if (node.getAttribute?.("role") !== "treeitem" || event.ctrlKey || event.metaKey || event.altKey) return;
  const nodes = [...node.closest("[role=tree]").querySelectorAll("[role=treeitem]")];
  const at = nodes.indexOf(node);
  const open = node.getAttribute("aria-expanded");
  const moves = {
    ArrowDown: () => visit(nodes[at + 1]),
    ArrowUp: () => visit(nodes[at - 1]),
    Home: () => visit(nodes[0]),
    End: () => visit(nodes.at(-1)),
    ArrowRight: () => (open === "false" ? arrow(node).click() : open && visit(nodes[at + 1])),
    ArrowLeft: () => (open === "true" ? arrow(node).click() : visit(node.parentElement.closest("[role=treeitem]"))),
    " ": () => box(node).click(),
    Enter: () => box(node).click(),
  };
  if (moves[event.key]) {
    event.preventDefault();
    last = node.dataset.id;
    moves[event.key]();
  } else if (event.key.length === 1) {
    typed = event.timeStamp - typedAt > seconds ? event.key : typed + event.key;
    typedAt = event.timeStamp;
    const after = typed.length > 1 ? at : at + 1;
    const inTurn = [...nodes.slice(after), ...nodes.slice(0, after)];
    visit(inTurn.find((one) => one.dataset.node.toLowerCase().startsWith(typed.toLowerCase())));
  }
}

function freshen() {
  for (const tree of document.querySelectorAll("[data-tree]")) {
    if (!tree.querySelector("[data-node]:not([role])")) continue;
    const wasHere = last && (document.activeElement === document.body || tree.contains(document.activeElement));
    dress(tree);
    if (began) tree.dispatchEvent(new Event("input", { bubbles: true })); // so that the sentence follows
    if (wasHere) tree.querySelector(`[data-id="${last}"]`)?.focus();
  }
}

document.addEventListener("keydown", press);
document.addEventListener("focusin", ({ target }) => {
  if (!target.closest("[data-tree]")) last = "";
  else last = target.closest("[data-node]")?.dataset.id ?? "";
});
new MutationObserver(freshen).observe(document.querySelector("main"), {
  childList: true,
  subtree: true,
  attributeFilter: ["role"], // what settles after it was put in is as the server sent it
});
freshen();
began = true;
