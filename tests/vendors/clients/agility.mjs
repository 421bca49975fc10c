// Calls Agility's own SDK, and prints what came of each step as JSON: a list for each case.
// CASES: [{token, steps: [[group, method, ...arguments], ...]}, ...]; URL says where.
import sdk from "@agility/management-sdk";

const { CASES, URL } = process.env;

async function play({ token, steps }) {
  const options = new sdk.Options();
  options.token = token ?? undefined;
  options.baseUrl = URL;
  const client = new sdk.ApiClient(options);
  const seen = [];
  for (const [group, method, ...given] of steps) {
    try {
      seen.push({ value: await client[group][method](...given) });
    } catch (error) {
      const answer = (error.innerError ?? error).response;
      const name = error.constructor.name;
      seen.push({ name, status: answer?.status ?? null, body: answer?.data ?? String(error) });
    }
  }
  return seen;
}

const seen = [];
for (const one of JSON.parse(CASES)) seen.push(await play(one));
console.log(JSON.stringify(seen));
