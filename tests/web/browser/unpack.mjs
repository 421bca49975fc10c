// Unpacks the Chromium of the npm package, with the libraries and fonts that it brings along.
// Those fonts have none of one width: of the machine's the first that there is stands for it.
import fs from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import tar from "tar-fs";

const out = path.resolve(process.argv[2]);
const packed = path.join(import.meta.dirname, "node_modules/@sparticuz/chromium/bin");
const read = (name) => [fs.createReadStream(path.join(packed, name)), zlib.createBrotliDecompress()];

fs.mkdirSync(out, { recursive: true });
for (const name of ["al2023", "fonts", "swiftshader"]) {
  await pipeline(...read(`${name}.tar.br`), tar.extract(out));
}
fs.writeFileSync(
  path.join(out, "fonts.conf"),
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${out}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${out}/cache</cachedir>
<alias binding="strong"><family>monospace</family><prefer>${["DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono"].map((one) => `<family>${one}</family>`).join("")}</prefer></alias></fontconfig>`,
);
const shell = path.join(out, "headless_shell");
await pipeline(...read("chromium.br"), fs.createWriteStream(`${shell}.part`, { mode: 0o755 }));
fs.renameSync(`${shell}.part`, shell);
