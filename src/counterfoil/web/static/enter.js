// What stands behind the # of the link goes into the form, and out of the address and the history. Only
// the browser knows it: where the form comes back with what was wrong, it stands behind the # again.
const code = location.hash.slice(1);
if (code) {
  const field = document.querySelector("#code");
  field.value = code;
  field.form.addEventListener("submit", () => (field.form.action += `#${field.value.trim()}`));
  history.replaceState(null, "", location.pathname);
  field.closest(".field").hidden = true;
  const typed = [...field.form.elements].filter((one) => one.willValidate && one.offsetParent);
  (typed.find((one) => !one.value) ?? field.form.querySelector("button:not([hidden])")).focus();
}
