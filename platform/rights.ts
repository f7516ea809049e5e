import { type EntityTarget, getMetadataArgsStorage, type ObjectLiteral } from 'typeorm';

/** Verbs of SQL on one table or view; UPDATE may name the columns that it is limited to. */
type Verbs = readonly ('SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | `UPDATE (${string})`)[];
/** Table or view → what one database user may do with it. What is not listed is denied. */
export type Rights = Record<string, Verbs>;

/** Everybody records and continues the chains, nobody changes what was recorded. */
const audit: Rights = {
  audit_entry: ['SELECT', 'INSERT'],
  audit_disclosed_student: ['INSERT'],
  audit_chain: ['SELECT', 'INSERT'],
  audit_checkpoint: ['SELECT', 'INSERT'],
  audit_key: ['SELECT', 'INSERT'],
};

const lock: Rights = { student_lock: ['SELECT', 'INSERT', 'UPDATE'] };

/**
 * The listed writers of the platform's tables (architecture, section 5): what a process does, and the least that it needs for
 * it. MySQL wants the UPDATE right for `SELECT … FOR UPDATE`.
 */
export const platformRights = {
  /** Verifies the schema at start. */
  verify: { schema_migration: ['SELECT'] },
  /** Answers requests under a Principal: row scope, epoch, each mutation once, locks, the count of writes, the record of the disclosure. */
  answer: {
    student_access: ['SELECT'],
    principal_epoch: ['SELECT'],
    seen_request: ['INSERT'],
    idempotency: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    write_count: ['SELECT', 'INSERT', 'UPDATE'],
    ...lock,
    ...audit,
  },
  /** Shows the students of a district in the order of its lists. */
  list: { student_listing: ['SELECT'] },
  /** Produces events. */
  emit: { outbox_event: ['INSERT'], outbox_delivery: ['INSERT'], ...lock },
  /** Consumes events. */
  consume: {
    outbox_event: ['SELECT'],
    outbox_delivery: ['SELECT', 'UPDATE'],
    inbox: ['SELECT', 'INSERT'],
    ...lock,
  },
  /** Opens and ends rights on students. A right is never turned into another one, and never removed. */
  changeAccess: { student_access: ['SELECT', 'INSERT', 'UPDATE (valid_to, revoked_at)'] },
  /** Removes what is remembered of requests longer than it has to be. */
  forgetRequests: { seen_request: ['SELECT', 'DELETE'], idempotency: ['SELECT', 'DELETE'] },
  /** Answers who was shown what of a student (34 CFR 99.32). */
  readDisclosures: { audit_entry: ['SELECT'], audit_disclosed_student: ['SELECT'] },
  /** Changes accounts, roles, grants or partners: what was loaded for them before is outdated. */
  changePrincipals: { principal_epoch: ['SELECT', 'INSERT', 'UPDATE'] },
} satisfies Record<string, Rights>;

/** What one process does in the database: its user gets the rights for it, and no others. */
export interface DatabaseUse {
  /** The entities of its own tables. Nobody else writes them, and nobody else reads them but through a `pub_*` view. */
  owns: EntityTarget<ObjectLiteral>[];
  /** Own tables whose rows never change once they are written. */
  writesOnce?: readonly string[];
  /** Own tables whose rows it may remove: drafts and what can be computed anew. Records of a student are ended, not deleted. */
  removesFrom?: readonly string[];
  /** The views of others that it reads. */
  reads: readonly string[];
  does: readonly (keyof typeof platformRights)[];
}

/** Names of the tables of entities. */
export const tablesOf = (entities: readonly EntityTarget<ObjectLiteral>[]): string[] =>
  entities.map((entity) => {
    const name = getMetadataArgsStorage().tables.find(({ target }) => target === entity)?.name;
    if (!name) throw new Error(`An entity needs the name of its table: ${String(entity)}`);
    return name;
  });

/** The rights that a process needs, by table and view. */
export function rightsOf({ owns, writesOnce = [], removesFrom = [], reads, does }: DatabaseUse): Rights {
  const rights: Record<string, Set<string>> = {};
  const add = (more: Rights): void => {
    for (const [name, verbs] of Object.entries(more)) for (const verb of verbs) (rights[name] ??= new Set()).add(verb);
  };
  for (const part of ['verify', ...does] as const) add(platformRights[part]);
  for (const view of reads) add({ [view]: ['SELECT'] });
  for (const table of tablesOf(owns)) {
    add({ [table]: ['SELECT', 'INSERT'] });
    if (!writesOnce.includes(table)) add({ [table]: ['UPDATE'] });
    if (removesFrom.includes(table)) add({ [table]: ['DELETE'] });
  }
  const inOrder = (verbs: Set<string>): string[] =>
    [...verbs].sort((a, b) => 'SIUD'.indexOf(a[0]!) - 'SIUD'.indexOf(b[0]!));
  return Object.fromEntries(Object.entries(rights).map(([name, verbs]) => [name, inOrder(verbs) as unknown as Verbs]));
}
