module.exports = () => ({
  auth: { secret: "for the benchmark" },
  apiToken: { salt: "for the benchmark" },
  transfer: { token: { salt: "for the benchmark" } },
  secrets: { encryptionKey: "for the benchmark and no more" },
  serveAdminPanel: false,
});
