// What stands behind the # of the link goes into the form, and out of the address and the history.
const code = location.hash.slice(1);
if (code) {
  document.querySelector("#code").value = code;
  history.replaceState(null, "", location.pathname);
  document.querySelector("form button").focus();
}
