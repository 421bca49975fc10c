// The certified provider as it comes, with one client and its own development forms.
import Provider from "oidc-provider";

const { PORT, ISSUER, KEYS, REDIRECT_URI, CLIENT_ID, CLIENT_SECRET } = process.env;

const provider = new Provider(ISSUER, {
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      require_auth_time: true,
    },
  ],
  findAccount: (_context, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, email: "somebody@example.test", email_verified: true }),
  }),
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  cookies: { keys: ["for tests alone"] },
  // Where a test knows its keys, it says in the ID token too what it knows of somebody.
  ...(KEYS && { jwks: JSON.parse(KEYS), conformIdTokenClaims: false }),
});

provider.listen(Number(PORT), "127.0.0.1", () => console.log("listening"));
