"""A page by keyboard alone: Tab leads to everything, shows where one is, and leads on."""

from __future__ import annotations

from typing import Any, Final

from support.browse import At

_LISTEN: Final = """() => {
  const sort = "a[href], button, input, select, textarea, summary, [tabindex]";
  const named = (one) => one.outerHTML.slice(0, 160);
  const group = (one) => one.type === "radio" ? `${one.form?.action} ${one.name}` : one;
  const clear = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const shown = (one) => {
    const [mine, all] = [getComputedStyle(one), one.parentElement];
    return clear(mine) || [all, all?.parentElement, one.querySelector(":scope > *")].some(
      (near) => near && clear(getComputedStyle(near)));
  };
  window.walk = {
    wanted: [...document.querySelectorAll(sort)].filter(
      (one) => one.tabIndex >= 0 && !one.disabled
        && one.checkVisibility({visibilityProperty: true})),
    reached: new Set(),
    dim: [],
  };
  addEventListener("focusin", ({target}) => {
    walk.reached.add(group(target));
    if (target.matches(":focus-visible") && !shown(target)) walk.dim.push(named(target));
  });
  walk.missed = () => walk.wanted.filter(
    (one) => one.isConnected && !walk.reached.has(group(one))).map(named);
  document.activeElement?.blur();
  return walk.wanted.length;
}"""


def by_keyboard(at: At) -> None:
    """Fail for what Tab does not reach, where it does not say where one is, or goes no further.

    What comes in while one walks, as lines of a live list do, makes the way longer.
    """
    count: int = at.page.evaluate(_LISTEN)
    assert count, f"{at.page.url} has nothing to go to"
    told: Any = None
    for _ in range(3):
        for _ in range(count + 3):
            at.page.keyboard.press("Tab")
        told = at.page.evaluate("({missed: walk.missed(), dim: walk.dim})")
        if not told["missed"]:
            break
    assert told == {"missed": [], "dim": []}, f"{at.page.url}: {told}"
