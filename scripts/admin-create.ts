import { createInterface } from 'node:readline';
import { databaseFault } from '../platform/errors';
import { newId } from '../platform/ids';
import { bumpEpoch } from '../platform/scope/epoch';
import { type Session, systemSession } from '../platform/scope/session';
import { hashSecret } from '../platform/secret';
import { EMBEDDED_ISSUER } from '../subgraphs/students/account/account.entity';
import { AccountRepository, RoleGrantRepository } from '../subgraphs/students/account/account.repository';
import { isAdditive, type RoleName, roleOf, ROLES } from '../subgraphs/students/account/roles';
import type { Organization } from '../subgraphs/students/organization/organization.entity';
import { OrganizationRepository } from '../subgraphs/students/organization/organization.repository';
import { runCommand, UnusableArguments } from './command';
import { openDatabase } from './runtime';

const USAGE = `Makes an account that nobody in the system can make: the first one, a SELPA's, a monitor of the state agency.

  npm run admin:create -- --username first.last --name "First Last" --role DISTRICT_ADMIN --organization 39686500000000

All four are needed. The organization is named by its code or its id; the state is CA, LA or NY.
The password (12 characters at least) is read from ADMIN_PASSWORD, or else asked for (the first line of standard input).`;

const MIN_PASSWORD = 12;
const SIGN_IN_ROLES = (Object.keys(ROLES) as RoleName[]).filter((name) => !isAdditive(name));

const text = { type: 'string' } as const;
const options = { username: text, name: text, role: text, organization: text };

runCommand({ usage: USAGE, options }, async ({ values: { username, name, role, organization } }) => {
  if (!username || !name || !role || !organization)
    throw new UnusableArguments('--username, --name, --role and --organization are needed.');
  if (!/^[a-z][a-z0-9]*(\.[a-z0-9]+)+$/.test(username))
    throw new UnusableArguments('A user name looks like first.last, in small letters.');
  if (!isSignInRole(role))
    throw new UnusableArguments(`There is no role ${role} to sign in with. Roles: ${SIGN_IN_ROLES.join(', ')}.`);

  const { database, clock } = await openDatabase();
  const access = { engine: database.engine, clock };
  try {
    // Before the password is asked for.
    const place = await placeOf(
      role,
      organization,
      systemSession({ ...access, manager: database.read }, 'admin-create'),
    );
    const passwordHash = await hashSecret(await readPassword());
    await database.write(async (manager) => {
      const session = systemSession({ ...access, manager, writing: true }, 'admin-create');
      const accounts = session.get(AccountRepository);
      const id = newId();
      const now = session.now;
      await accounts.insert({
        id,
        issuer: EMBEDDED_ISSUER,
        subject: id,
        kind: 'staff',
        username,
        displayName: name,
        email: null,
        passwordHash,
        active: true,
        createdAt: now,
        lastLoginAt: null,
      });
      await session.get(RoleGrantRepository).insert({
        id: newId(),
        accountId: id,
        role,
        organizationId: place.id,
        relation: null,
        readOnly: false,
        isDefault: true,
        validFrom: session.today,
        validTo: null,
        revokedAt: null,
        grantedBy: session.principal.subject,
        grantedAt: now,
      });
      await bumpEpoch(session, id);
    });
  } catch (error) {
    throw databaseFault(error) === 'unique' ? new Error(`The user name ${username} is taken.`) : error;
  } finally {
    await database.close();
  }
  console.log(`${username} can sign in as ${role} of ${organization}.`);
});

function isSignInRole(role: string): role is RoleName {
  return SIGN_IN_ROLES.some((name) => name === role);
}

/** The organization that is meant. @throws Error when there is none, or the role isn't held at such a one */
async function placeOf(role: RoleName, organization: string, session: Session): Promise<Organization> {
  const organizations = session.get(OrganizationRepository);
  const place = (await organizations.findById(organization)) ?? (await organizations.findByCode(organization));
  if (!place) throw new Error(`There is no organization ${organization}. Load a directory first: npm run import`);
  const { heldAt, states } = roleOf(role);
  if (!heldAt.includes(place.kind))
    throw new Error(`${role} can't be held at ${place.name} (${place.kind}), only at: ${heldAt.join(', ')}.`);
  if (states && !states.includes(place.stateCode)) throw new Error(`${role} belongs to ${states.join(', ')}.`);
  return place;
}

async function readPassword(): Promise<string> {
  const password = process.env.ADMIN_PASSWORD || (await askPassword());
  if (!password)
    throw new Error('No password was given: type one when asked, or set ADMIN_PASSWORD. Nothing was made.');
  if (password.length < MIN_PASSWORD) throw new Error(`The password must have at least ${MIN_PASSWORD} characters.`);
  return password;
}

/** The first line of standard input; empty when it ends before there is one. */
async function askPassword(): Promise<string> {
  const { stdin, stderr } = process;
  const lines = createInterface({ input: stdin, output: stdin.isTTY ? stderr : undefined, prompt: 'Password: ' });
  lines.prompt();
  for await (const line of lines) return line;
  if (stdin.isTTY) stderr.write('\n');
  return '';
}
