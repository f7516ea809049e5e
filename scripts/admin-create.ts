import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { databaseFault } from '../platform/errors';
import { newId } from '../platform/ids';
import { runProgram } from '../platform/process';
import { bumpEpoch } from '../platform/scope/epoch';
import { systemSession } from '../platform/scope/session';
import { hashSecret } from '../platform/secret';
import { EMBEDDED_ISSUER } from '../subgraphs/students/account/account.entity';
import { AccountRepository, RoleGrantRepository } from '../subgraphs/students/account/account.repository';
import { isAdditive, type RoleName, roleOf, ROLES } from '../subgraphs/students/account/roles';
import { OrganizationRepository } from '../subgraphs/students/organization/organization.repository';
import { openDatabase } from './runtime';

const USAGE = `Makes an account that nobody in the system can make: the first one, a SELPA's, a monitor of the state agency.

  npm run admin:create -- --username first.last --name "First Last" --role DISTRICT_ADMIN --organization 39686500000000

The organization is named by its code or its id; the state is CA, LA or NY.
The password (12 characters at least) is asked for, or read from ADMIN_PASSWORD.`;

const MIN_PASSWORD = 12;
const SIGN_IN_ROLES = (Object.keys(ROLES) as RoleName[]).filter((name) => !isAdditive(name));

runProgram(async () => {
  const { values } = parseArgs({
    options: {
      username: { type: 'string' },
      name: { type: 'string' },
      role: { type: 'string' },
      organization: { type: 'string' },
    },
  });
  const { username, name, role, organization } = values;
  if (!username || !name || !role || !organization) throw new Error(USAGE);
  if (!/^[a-z][a-z0-9]*(\.[a-z0-9]+)+$/.test(username))
    throw new Error('A user name looks like first.last, in small letters.');
  if (!SIGN_IN_ROLES.includes(role as RoleName))
    throw new Error(`There is no role ${role} to sign in with. Roles: ${SIGN_IN_ROLES.join(', ')}`);
  const password = process.env.ADMIN_PASSWORD ?? (await askPassword());
  if (password.length < MIN_PASSWORD) throw new Error(`The password must have at least ${MIN_PASSWORD} characters.`);
  const passwordHash = await hashSecret(password);

  const { database, clock } = await openDatabase();
  try {
    await database.write(async (manager) => {
      const session = systemSession({ manager, engine: database.engine, clock, writing: true }, 'admin-create');
      const organizations = session.get(OrganizationRepository);
      const place = (await organizations.findById(organization)) ?? (await organizations.findByCode(organization));
      if (!place) throw new Error(`There is no organization ${organization}. Load a directory first: npm run import`);
      const { heldAt, states } = roleOf(role as RoleName);
      if (!heldAt.includes(place.kind)) throw new Error(`${role} can't be held at a ${place.kind}.`);
      if (states && !states.includes(place.stateCode)) throw new Error(`${role} belongs to ${states.join(', ')}.`);
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
        role: role as RoleName,
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

async function askPassword(): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question('Password: ');
  } finally {
    prompt.close();
  }
}
