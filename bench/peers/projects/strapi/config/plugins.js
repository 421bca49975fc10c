module.exports = () => ({
  graphql: { enabled: true },
  "users-permissions": { config: { jwtSecret: "for the benchmark" } },
});
