// oidc-provider as it comes, its tokens in memory: a resource server asks it what a token is good for.
import { writeFileSync } from "node:fs";
import Provider from "oidc-provider";

const { PORT, COUNT } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
const client = { client_id: "bench", client_secret: "for-the-benchmark-and-nothing-else" };
const provider = new Provider(issuer, {
  clients: [
    { ...client, redirect_uris: [], response_types: [], grant_types: ["client_credentials"] },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
  },
  scopes: ["items"],
  ttl: { ClientCredentials: 86_400 },
});
provider.listen(Number(PORT), "127.0.0.1", async () => {
  const basic = Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64");
  const headers = {
    authorization: `Basic ${basic}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  const keys = [];
  for (let number = 0; number < Number(COUNT); number += 1) {
    const body = "grant_type=client_credentials&scope=items";
    const answer = await fetch(`${issuer}/token`, { method: "POST", headers, body });
    keys.push((await answer.json()).access_token);
  }
  writeFileSync("keys.json", JSON.stringify(keys));
});
