// Writes and publishes the articles of articles.json; leaves their ids and a token in seeded.json.
const { readFileSync, writeFileSync } = require("node:fs");
const { createStrapi } = require("@strapi/strapi");

const ARTICLE = "api::article.article";

async function main() {
  const app = await createStrapi({ appDir: __dirname, distDir: __dirname }).load();
  const ids = [];
  for (const data of JSON.parse(readFileSync("articles.json", "utf8"))) {
    const made = await app.documents(ARTICLE).create({ data, status: "published" });
    ids.push(made.documentId);
  }
  const token = await app.service("admin::api-token").create({
    name: "reader",
    description: "",
    type: "custom",
    lifespan: null,
    permissions: [`${ARTICLE}.find`, `${ARTICLE}.findOne`],
  });
  writeFileSync("seeded.json", JSON.stringify({ token: token.accessKey, ids }));
  await app.destroy();
  process.exit(0);
}

main();
