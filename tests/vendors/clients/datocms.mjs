// Calls DatoCMS's own client, and prints what came of each step as JSON: a list for each case.
// CASES: [{token, headers, steps: [[resource, method, ...arguments], ...]}, ...]; URL says where.
import { buildClient } from "@datocms/cma-client-node";

const { CASES, URL } = process.env;

async function play({ token, headers, steps }) {
  const where = { baseUrl: URL, extraHeaders: headers ?? {} };
  const client = buildClient({ apiToken: token ?? undefined, ...where });
  const seen = [];
  for (const [resource, method, ...given] of steps) {
    try {
      if (method === "listPagedIterator") {
        const found = [];
        for await (const one of client[resource][method](...given)) found.push(one);
        seen.push({ value: found });
      } else {
        seen.push({ value: await client[resource][method](...given) });
      }
    } catch (error) {
      const [first] = error.errors ?? [];
      const name = error.constructor.name;
      const status = error.response?.status ?? null;
      seen.push({ name, status, error: first?.attributes ?? String(error) });
    }
  }
  return seen;
}

const seen = [];
for (const one of JSON.parse(CASES)) seen.push(await play(one));
console.log(JSON.stringify(seen));
