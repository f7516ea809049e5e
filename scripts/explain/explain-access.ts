import { randomBytes } from 'node:crypto';
import { createLogger } from '../../platform/log';
import { PRINCIPAL_HEADER, sealPrincipal } from '../../platform/principal/envelope';
import type { Principal } from '../../platform/principal/principal';
import { systemSession } from '../../platform/scope/session';
import { createStudentsSubgraph } from '../../subgraphs/students';
import { EMBEDDED_ISSUER } from '../../subgraphs/students/account/account.entity';
import { AccountRepository } from '../../subgraphs/students/account/account.repository';
import { PARTNER_SCOPES } from '../../subgraphs/students/account/rights';
import { loadPrincipal } from '../../subgraphs/students/principal/load-principal';
import type { NamedCaller } from '../callers';
import type { OpenDatabase } from '../runtime';

type Opened = Pick<OpenDatabase, 'database' | 'clock'>;

const QUERY = `query ExplainAccess($studentId: ID!, $accountId: ID) {
  explainAccess(studentId: $studentId, accountId: $accountId) {
    perspectives {
      perspective { id role organization { name } }
      verdict
      on
      rows { id state relation granteeKind grantee lea { name } validFrom validTo plannedTo revokedAt }
    }
  }
}`;

interface Access {
  perspective: { id: string; role: string; organization: { name: string } | null };
  verdict: string;
  on: string;
  rows: Row[];
}
interface Row extends Record<'id' | 'state' | 'relation' | 'granteeKind' | 'grantee' | 'validFrom', string> {
  lea: { name: string } | null;
  validTo: string | null;
  plannedTo: string | null;
  revokedAt: string | null;
}

/**
 * Says by which rows of access a student is open to an account, or why not: what `explainAccess` answers to the caller, through
 * the door of the students subgraph and in the caller's scope. Reads alone: no disclosure is recorded.
 *
 * @param options.as user name, or the client of a partner agency
 * @param options.caller who asks; the same when left out
 * @param options.perspective of who asks; the default one when left out
 * @throws Error when one of them is unknown or gets no rights, or the caller manages no accounts
 */
export async function explainAccess(
  opened: Opened,
  options: { as: string; studentId: string; caller?: string; perspective?: string },
): Promise<string> {
  const { as, studentId, caller = as, perspective } = options;
  const principal = await principalOf(opened, caller, perspective);
  const account = caller === as ? null : await accounts(opened).findByUsername(as);
  if (caller !== as && !account) throw new Error(`There is no account ${as}.`);
  const known = await ask(opened, principal, { studentId, accountId: account?.id });
  const asked = caller === as ? '' : `, as ${caller} may know it`;
  const title = `Student ${studentId} for ${as}${asked}:`;
  return `${[title, '', ...(known ? known.flatMap(linesOf) : [nothing(caller, as)])].join('\n')}\n`;
}

/** The rights of an account or partner client of the database, under its default perspective. */
export async function callerInDatabase(opened: Opened, name: string): Promise<NamedCaller> {
  const { role, level, capabilities } = await principalOf(opened, name);
  return { title: `${name} (${role})`, caller: { authenticated: true, level, capabilities: new Set(capabilities) } };
}

const session = ({ database, clock }: Opened) =>
  systemSession({ manager: database.read, engine: database.engine, clock }, 'explain');
const accounts = (opened: Opened): AccountRepository => session(opened).get(AccountRepository);

async function principalOf(opened: Opened, name: string, perspective?: string): Promise<Principal> {
  const account = await accounts(opened).findByUsername(name);
  const answer = await loadPrincipal(
    session(opened),
    account
      ? { account: account.id, perspective }
      : { issuer: EMBEDDED_ISSUER, subject: name, kind: 'partner', scopes: [...PARTNER_SCOPES], perspective },
  );
  if ('principal' in answer) return answer.principal;
  if (answer.refused === 'NO_ACCOUNT') throw new Error(`There is no account or partner client ${name}.`);
  throw new Error(`${name} gets no rights at all: ${answer.refused}.`);
}

/** As the gateway asks, with a key that lives as long as the question. */
async function ask({ database, clock }: Opened, principal: Principal, variables: object): Promise<Access[] | null> {
  const key = randomBytes(32);
  const subgraph = createStudentsSubgraph({
    ...{ database, clock, log: createLogger('explain', 'silent'), principalKeys: [key] },
    audit: { append: async () => undefined },
    serviceKey: randomBytes(32).toString('hex'),
  });
  const body = JSON.stringify({ query: QUERY, variables });
  const sealed = sealPrincipal({ principal, requestId: 'explain' }, 'students', body, key);
  const answer = await subgraph.handle({
    ...{ method: 'POST', path: '/graphql', body },
    headers: { [PRINCIPAL_HEADER]: sealed },
  });
  const { data, errors = [] } = JSON.parse(answer.body) as {
    data?: { explainAccess: { perspectives: Access[] } | null };
    errors?: { message: string }[];
  };
  if (answer.status !== 200 || errors.length > 0)
    throw new Error(errors.map(({ message }) => message).join(' ') || `The question was answered ${answer.status}.`);
  return data?.explainAccess?.perspectives ?? null;
}

const VERDICTS: Record<string, string> = {
  OPEN: 'open',
  OWN_PERIOD: 'not open: a former owner, which keeps the records of its own period',
  NO_OPEN_ROW: 'not open: no row is open today',
  NO_ROW: 'not open: no row ties the student to it',
  ROLE_NOT_BEGUN: 'not open: the role has not begun',
  ROLE_ENDED: 'not open: the role has ended',
  ROLE_REVOKED: 'not open: the role was taken away',
  ACCOUNT_INACTIVE: 'not open: the account is deactivated',
};
const GRANTEES: Record<string, string> = { ORGANIZATION: '', CASELOAD: 'caseload of ', GRANT: 'grant to ' };

function linesOf({ perspective: { id, role, organization }, verdict, on, rows }: Access): string[] {
  const place = organization ? ` at ${organization.name}` : '';
  return [`${role}${place}  [${id}]`, `  on ${on} ${VERDICTS[verdict]}`, ...rows.map(lineOf)];
}

function lineOf(row: Row): string {
  const { id, state, relation, granteeKind, grantee, lea, validFrom, validTo, plannedTo, revokedAt } = row;
  const parts = [
    `${GRANTEES[granteeKind]}${grantee} (${relation})`,
    ...(lea && lea.name !== grantee ? [`through ${lea.name}`] : []),
    `from ${validFrom}${validTo ? ` to ${validTo}` : ''}`,
    ...(plannedTo && plannedTo !== validTo ? [`planned to ${plannedTo}`] : []),
    ...(revokedAt ? [`revoked at ${revokedAt}`] : []),
  ];
  return `  ${state.toLowerCase().replace('_', ' ').padEnd(9)}  ${parts.join(', ')}  [${id}]`;
}

const nothing = (caller: string, as: string): string =>
  caller === as
    ? `Not in the scope of ${caller}, or there is no such student: a caller is not told which.\n` +
      'Who has the student in scope and manages the account learns more: --caller NAME.'
    : `Not in the scope of ${caller}, no such student, or ${as} is no account of its organization: a caller is not told which.`;
