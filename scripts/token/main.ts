import { parseArgs } from 'node:util';
import { runProgram } from '../../platform/process';
import { clientCredentials, signIn, TokenError } from './obtain-token';

const USAGE = `Prints an access token for the running system.

  npm run -s token -- <user name> [--password <password>]
  npm run -s token -- <partner client> [--secret <secret>] [--scope "<scope> …"]

A name with a dot is an account, any other a partner client (--client: in any case). Password and secret default to the name,
as the demo data have it. The system is found at EMBEDDED_ISSUER or OIDC_ISSUER, else at http://localhost:PORT/oidc (PORT: 4000).`;

runProgram(async () => {
  const { positionals, values } = readArguments();
  const name = positionals[0];
  if (values.help || !name || positionals.length > 1) throw new TokenError(USAGE);
  const { EMBEDDED_ISSUER, OIDC_ISSUER, PORT } = process.env;
  const issuer = EMBEDDED_ISSUER || OIDC_ISSUER || `http://localhost:${PORT || 4000}/oidc`;
  const secret = values.password ?? values.secret ?? name;
  const isClient = values.client || !name.includes('.');
  const { accessToken } = isClient
    ? await clientCredentials({ issuer, clientId: name, clientSecret: secret, scope: values.scope })
    : await signIn({ issuer, username: name, password: secret });
  process.stdout.write(`${accessToken}\n`);
});

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        password: { type: 'string' },
        secret: { type: 'string' },
        client: { type: 'boolean' },
        scope: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new TokenError(`${(error as Error).message.split('. ')[0]}.\n\n${USAGE}`);
  }
}
