// Leak response: the checksum is tried here, and the tokens of a text or a file alone are sent.
// Without this the text is sent as it is pasted.

const FORM = /(?<![0-9A-Za-z_])[a-z]{2,8}[psxorkig]_[0-9A-Za-z]{49}(?![0-9A-Za-z_])/g;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LARGEST = 10_000_000;

function checksum(text) {
  let crc = ~0;
  for (const char of text) {
    crc ^= char.charCodeAt(0);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let rest = ~crc >>> 0;
  let said = "";
  for (let place = 0; place < 6; place += 1) {
    said = DIGITS[rest % 62] + said;
    rest = Math.floor(rest / 62);
  }
  return said;
}

function tokensIn(text) {
  const found = new Set(text.match(FORM) ?? []);
  return [...found].filter((one) => checksum(one.slice(0, -6)) === one.slice(-6));
}

for (const form of document.querySelectorAll("[data-leaks]")) {
  const text = form.elements.text;
  const said = form.querySelector("[data-leaks-said]");
  const file = form.querySelector("[data-leaks-file]");
  file.hidden = false;

  const tell = () => {
    const count = tokensIn(text.value).length;
    const words = [said.dataset.none, said.dataset.one][count] ?? said.dataset.many;
    said.hidden = !text.value.trim();
    said.textContent = words.replace("#", String(count));
  };

  text.addEventListener("input", tell);
  file.querySelector("input").addEventListener("change", async ({ target }) => {
    const [chosen] = target.files;
    if (!chosen) return;
    const found = tokensIn(await chosen.slice(0, LARGEST).text());
    text.value = found.join("\n") || chosen.name;
    target.value = "";
    tell();
  });
  form.addEventListener("submit", () => {
    const found = tokensIn(text.value);
    if (found.length) text.value = found.join("\n");
  });
  addEventListener("pagehide", () => {
    text.value = "";
  });
}
