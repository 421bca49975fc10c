// Calls DatoCMS's own client, one step a line of STEPS, and prints what came of each as JSON.
// STEPS: [[resource, method, ...arguments], ...]; URL and TOKEN say where and as whom.
import { buildClient } from "@datocms/cma-client-node";

const client = buildClient({
  apiToken: process.env.TOKEN,
  baseUrl: process.env.URL,
  autoRetry: process.env.RETRY === "yes",
});

const seen = [];
for (const [resource, method, ...given] of JSON.parse(process.env.STEPS)) {
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
    seen.push({ status: error.response?.status ?? null, error: first?.attributes ?? String(error) });
  }
}
console.log(JSON.stringify(seen));
