// Runs one query by DatoCMS's own delivery client, and prints what came of it as JSON.
import { executeQuery } from "@datocms/cda-client";

const { URL, TOKEN, QUERY, VARIABLES, DRAFTS } = process.env;
try {
  const value = await executeQuery(QUERY, {
    token: TOKEN,
    graphqlEndpointUrl: URL,
    variables: JSON.parse(VARIABLES),
    includeDrafts: DRAFTS === "yes",
    autoRetry: false,
  });
  console.log(JSON.stringify({ value }));
} catch (error) {
  const { status, body } = error.response ?? {};
  console.log(JSON.stringify({ status: status ?? null, body: body ?? String(error) }));
}
