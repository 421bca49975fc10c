// Queries by DatoCMS's own delivery client, and prints what came of each as JSON: a list for each case.
// CASES: [{token, steps: [[query, options], ...]}, ...]; URL says where.
import { rawExecuteQuery } from "@datocms/cda-client";

const { CASES, URL } = process.env;

async function play({ token, steps }) {
  const seen = [];
  for (const [query, options] of steps) {
    try {
      const asked = { token: token ?? undefined, graphqlEndpointUrl: URL, autoRetry: false };
      const [value, response] = await rawExecuteQuery(query, { ...asked, ...options });
      seen.push({ value, headers: Object.fromEntries(response.headers) });
    } catch (error) {
      const { status, body } = error.response ?? {};
      const name = error.constructor.name;
      seen.push({ name, status: status ?? null, body: body ?? String(error) });
    }
  }
  return seen;
}

const seen = [];
for (const one of JSON.parse(CASES)) seen.push(await play(one));
console.log(JSON.stringify(seen));
