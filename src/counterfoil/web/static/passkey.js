// Passkeys: the one thing of the pages that needs script. A button asks the server what is to be
// signed, the browser has it signed, and the form in which the button stands takes it along.

const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;

for (const button of able ? document.querySelectorAll("[data-passkey]") : []) {
  button.hidden = false;
  for (const one of document.querySelectorAll("[data-no-passkey]")) one.hidden = true;
  button.addEventListener("click", async () => {
    const form = button.form;
    const needed = form.elements[button.dataset.needs];
    if (needed && !needed.reportValidity()) return;
    button.disabled = true;
    say(button, "");
    try {
      const answer = await signed(button, form);
      for (const typed of form.querySelectorAll("input[type=password]")) typed.disabled = true;
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: button.dataset.into, value: JSON.stringify(answer) });
      form.append(field);
      form.action = button.dataset.action;
      form.submit();
    } catch (error) {
      const known = error.name === "InvalidStateError" ? button.dataset.held : "";
      say(button, known || error.detail || button.dataset.failed);
      button.disabled = false;
    }
  });
}

// Ask the server, then the authenticator.
async function signed(button, form) {
  const sent = new URLSearchParams();
  for (const name of button.dataset.sends.split(" ")) {
    if (form.elements[name]) sent.set(name, form.elements[name].value);
  }
  const told = await fetch(button.dataset.begin, { method: "POST", body: sent });
  const options = await told.json().catch(() => ({}));
  if (!told.ok) throw Object.assign(new Error("refused"), { detail: options.detail });
  const made =
    button.dataset.passkey === "create"
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
        });
  return made.toJSON();
}

function say(button, text) {
  const said = button.parentElement.querySelector("[data-passkey-said]");
  said.textContent = text;
  said.hidden = !text;
}
