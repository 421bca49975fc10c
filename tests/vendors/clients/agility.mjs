// Calls Agility's own SDK, one method a line of STEPS, and prints what came of each as JSON.
// STEPS: [[group, method, ...arguments], ...]; URL and TOKEN say where and as whom.
import sdk from "@agility/management-sdk";

const options = new sdk.Options();
options.token = process.env.TOKEN;
options.baseUrl = process.env.URL;
const client = new sdk.ApiClient(options);

const seen = [];
for (const [group, method, ...given] of JSON.parse(process.env.STEPS)) {
  try {
    seen.push({ value: await client[group][method](...given) });
  } catch (error) {
    const answer = (error.innerError ?? error).response;
    seen.push({ status: answer?.status ?? null, body: answer?.data ?? String(error) });
  }
}
console.log(JSON.stringify(seen));
