// better-auth's API keys as its plugin comes, on SQLite: 200 to a key that is good, 401 to any other.
// Its limit of ten requests a day for each key is off. The keys go to keys.json.
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { apiKey } from "@better-auth/api-key";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";

const { PORT, COUNT } = process.env;
const database = new DatabaseSync("better-auth.sqlite");
database.exec("PRAGMA journal_mode = WAL");

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: "for the benchmark and nothing else",
  database,
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  logger: { disabled: true },
  plugins: [apiKey({ rateLimit: { enabled: false } })],
});
await (await getMigrations(auth.options)).runMigrations();

const { user } = await auth.api.signUpEmail({
  body: { name: "Ann", email: "ann@example.com", password: "correct horse battery staple" },
});
const keys = [];
for (let number = 0; number < Number(COUNT); number += 1) {
  keys.push((await auth.api.createApiKey({ body: { name: `key ${number}`, userId: user.id } })).key);
}
writeFileSync("keys.json", JSON.stringify(keys));

createServer(async (request, response) => {
  if (request.url === "/ready") return response.writeHead(200, { "content-length": 0 }).end();
  const sent = request.headers.authorization ?? "";
  const key = sent.startsWith("Bearer ") ? sent.slice(7) : "";
  const found = key ? await auth.api.verifyApiKey({ body: { key } }) : { valid: false };
  const body = found.valid ? found.key.referenceId ?? found.key.userId : "";
  response.writeHead(found.valid ? 200 : 401, { "content-length": Buffer.byteLength(body) });
  response.end(body);
}).listen(Number(PORT), "127.0.0.1");
