import { runCommand, UnusableArguments } from '../command';
import { clientCredentials, signIn } from './obtain-token';

const USAGE = `Prints an access token for the running system.

  npm run -s token -- <user name> [--password <password>]
  npm run -s token -- <partner client> [--secret <secret>] [--scope "<scope> …"]

A name with a dot is an account, any other a partner client (--client: in any case). Password and secret default to the name,
as the demo data have it. The system is found at EMBEDDED_ISSUER or OIDC_ISSUER, else at http://localhost:PORT/oidc (PORT: 4000).`;

const text = { type: 'string' } as const;
const options = { password: text, secret: text, scope: text, client: { type: 'boolean' } } as const;

runCommand({ usage: USAGE, options, words: 1 }, async ({ positionals: [name], values }) => {
  if (!name) throw new UnusableArguments('A user name or a partner client is missing.');
  const { EMBEDDED_ISSUER, OIDC_ISSUER, PORT } = process.env;
  const issuer = EMBEDDED_ISSUER || OIDC_ISSUER || `http://localhost:${PORT || 4000}/oidc`;
  const secret = values.password ?? values.secret ?? name;
  const isClient = values.client || !name.includes('.');
  const { accessToken } = isClient
    ? await clientCredentials({ issuer, clientId: name, clientSecret: secret, scope: values.scope })
    : await signIn({ issuer, username: name, password: secret });
  process.stdout.write(`${accessToken}\n`);
});
