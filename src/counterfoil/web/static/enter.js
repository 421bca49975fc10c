// What stands behind the # of the link goes into the form, and out of the address and the history.
const code = location.hash.slice(1);
if (code) {
  const field = document.querySelector("#code");
  field.value = code;
  history.replaceState(null, "", location.pathname);
  field.closest(".field").hidden = true;
  const typed = [...field.form.elements].filter((one) => one.willValidate && one.offsetParent);
  (typed.find((one) => !one.value) ?? field.form.querySelector("button:not([hidden])")).focus();
}
