// Calls Amplience's own SDK, one step a line of STEPS, and prints what came of each as JSON.
// URL says where; TOKEN, or CLIENT_ID and CLIENT_SECRET, as whom; HUB which hub.
import sdk from "dc-management-sdk-js";

const { TOKEN, CLIENT_ID, CLIENT_SECRET, HUB, URL } = process.env;
const who = TOKEN ? { patToken: TOKEN } : { client_id: CLIENT_ID, client_secret: CLIENT_SECRET };
const client = new sdk.DynamicContent(who, {
  apiUrl: `${URL}/amplience/v2/content`,
  authUrl: `${URL}/amplience/auth`,
});

const steps = {
  hubs: async () => (await client.hubs.list()).getItems(),
  hub: () => client.hubs.get(HUB),
  schemas: async (options) =>
    (await (await client.hubs.get(HUB)).related.contentTypeSchema.list(options)).toJSON(),
  types: async () => (await (await client.hubs.get(HUB)).related.contentTypes.list()).toJSON(),
  create: async (schema) =>
    (await client.hubs.get(HUB)).related.contentTypeSchema.create(new sdk.ContentTypeSchema(schema)),
  update: async (id, schema) =>
    (await client.contentTypeSchemas.get(id)).related.update(new sdk.ContentTypeSchema(schema)),
};

const seen = [];
for (const [name, ...given] of JSON.parse(process.env.STEPS)) {
  try {
    seen.push({ value: await steps[name](...given) });
  } catch (error) {
    const answer = error.response ?? {};
    seen.push({ status: error.request?.status ?? answer.status ?? null, error: String(error.message ?? error) });
  }
}
console.log(JSON.stringify(seen));
