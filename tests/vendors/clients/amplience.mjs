// Calls Amplience's own SDK, and prints what came of each step as JSON: a list for each case.
// CASES: [{who, hub, steps: [[name, ...arguments], ...]}, ...], where `who` is a patToken, or a
// client_id and client_secret; URL says where.
import sdk from "dc-management-sdk-js";

const { CASES, URL } = process.env;

async function play({ who, hub, steps }) {
  const told = { apiUrl: `${URL}/amplience/v2/content`, authUrl: `${URL}/amplience/auth` };
  const client = new sdk.DynamicContent(who, told);
  const here = () => client.hubs.get(hub);
  const known = {
    hubs: async () => (await client.hubs.list()).getItems(),
    hub: here,
    schemas: async (page) => (await (await here()).related.contentTypeSchema.list(page)).toJSON(),
    types: async () => (await (await here()).related.contentTypes.list()).toJSON(),
    create: async (schema) =>
      (await here()).related.contentTypeSchema.create(new sdk.ContentTypeSchema(schema)),
    update: async (id, schema) =>
      (await client.contentTypeSchemas.get(id)).related.update(new sdk.ContentTypeSchema(schema)),
    change: async (schema) => {
      const found = (await (await here()).related.contentTypeSchema.list({ size: 100 })).getItems();
      const old = found.find((one) => one.schemaId === schema.schemaId);
      return old.related.update(new sdk.ContentTypeSchema(schema));
    },
  };
  const seen = [];
  for (const [step, ...given] of steps) {
    try {
      seen.push({ value: await known[step](...given) });
    } catch (error) {
      const status = error.request?.status ?? error.response?.status ?? null;
      const name = error.constructor.name;
      seen.push({ name, status, error: String(error.message ?? error), body: error.response?.data });
    }
  }
  return seen;
}

const seen = [];
for (const one of JSON.parse(CASES)) seen.push(await play(one));
console.log(JSON.stringify(seen));
