import type { Caller } from '../gateway/authorize';
import {
  INITIAL_ACCOUNTS,
  INITIAL_PARTNER_CLIENT,
  INITIAL_PARTNER_SCOPES,
} from '../subgraphs/students/account/initial-accounts';
import { PARTNER_SCOPES, perspectiveCapabilities } from '../subgraphs/students/account/rights';
import { isAdditive, type RoleName, roleOf, ROLES } from '../subgraphs/students/account/roles';

/** A caller as the command line names one, and what the name was taken for. */
export interface NamedCaller {
  title: string;
  caller: Caller;
}

export const LEVELS = ['state', 'selpa', 'district', 'school', 'teacher', 'partner'] as const;
type LevelName = (typeof LEVELS)[number];
export const ROLE_NAMES = Object.keys(ROLES) as RoleName[];

export const CALLER_USAGE = `NAME is one of
  a level         ${LEVELS.join(' ')}: everything that some role of the level may use
  a role          such as CASE_MANAGER, with additive permissions as DATA_WRITER+IEP_SUBMITTER
  an account      of the initial data, such as teacher.ripon, under its default perspective; or ${INITIAL_PARTNER_CLIENT}`;

/**
 * The rights of a level, role or account of the initial data, from the roles alone: no database.
 *
 * @throws Error when the name is none of these
 */
export function callerNamed(name: string): NamedCaller {
  if (isLevel(name)) return { title: `level ${name}`, caller: callerAt(name, capabilitiesAtLevel(name)) };
  if (name === INITIAL_PARTNER_CLIENT)
    return { title: `partner client ${name}`, caller: callerAt('partner', INITIAL_PARTNER_SCOPES) };
  const account = INITIAL_ACCOUNTS.find(([username]) => username === name);
  if (account) {
    const [, , role, organizationId, ...more] = account;
    const additive = more.filter(([other, at]) => at === organizationId && isAdditive(other)).map(([other]) => other);
    return { title: `account ${name} (${[role, ...additive].join('+')})`, caller: callerIn(role, additive) };
  }
  return callerOfRoles(name);
}

function callerOfRoles(name: string): NamedCaller {
  const [role, ...additive] = name.split('+');
  if (!isRole(role) || !additive.every(isRole)) throw new Error(`There is no ${name}.\n\n${CALLER_USAGE}`);
  if (isAdditive(role))
    throw new Error(
      `${role} only adds to another role: ${roleOf(role)
        .addsTo!.map((to) => `${to}+${role}`)
        .join(', ')}`,
    );
  for (const other of additive)
    if (!roleOf(other).addsTo?.includes(role)) throw new Error(`${other} adds nothing to ${role}.`);
  return { title: `role ${name}`, caller: callerIn(role, additive) };
}

/** The union over the roles of a level: no caller has it, but a client that serves them all is generated from it. */
function capabilitiesAtLevel(level: LevelName): readonly string[] {
  if (level === 'partner') return PARTNER_SCOPES;
  return ROLE_NAMES.filter((name) => roleOf(name).level === level).flatMap((name) => roleOf(name).capabilities);
}

const callerIn = (role: RoleName, additive: readonly RoleName[]): Caller =>
  callerAt(roleOf(role).level, perspectiveCapabilities(role, additive, false));
const callerAt = (level: string, capabilities: readonly string[]): Caller => ({
  authenticated: true,
  capabilities: new Set(capabilities),
  level,
});
const isLevel = (name: string): name is LevelName => (LEVELS as readonly string[]).includes(name);
const isRole = (name: string | undefined): name is RoleName => name !== undefined && Object.hasOwn(ROLES, name);
