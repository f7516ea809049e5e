/** The codes of top-level GraphQL errors (architecture, section 10). Rules of the domain travel as `UserError` instead. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'UNAUTHORIZED_FIELD_OR_TYPE'
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'RATE_LIMITED'
  | 'STALE_PRINCIPAL'
  | 'INTERNAL';

/** An error whose message is meant for the caller. Everything else is masked as INTERNAL. */
export class PublicError extends Error {
  /**
   * @param argumentPath the argument at fault, then input fields. Not called `path`: graphql-js takes an error with that
   *   property for one that already says where it stands in the answer.
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly argumentPath?: string[],
  ) {
    super(message);
    this.name = 'PublicError';
  }
}

export const badInput = (message: string, argumentPath?: string[]) =>
  new PublicError('BAD_USER_INPUT', message, argumentPath);
export const notFound = (what: string) => new PublicError('NOT_FOUND', `${what} was not found.`);
export const conflict = (message: string) => new PublicError('CONFLICT', message);
/** The Principal is older than the rights of its account: the gateway reloads it and retries once. */
export const stalePrincipal = () => new PublicError('STALE_PRINCIPAL', 'The rights of this account have changed.');

export type RuleSeverity = 'ERROR' | 'WARNING' | 'ALERT';

/** A finding of a domain rule as the caller sees it. `code` is the rule's id, such as `V-045`. */
export interface RuleError {
  code: string;
  message: string;
  path?: string[] | null;
  severity: RuleSeverity;
}

/** Thrown inside a write: rolls the transaction back and answers the payload's `errors`. */
export class Rejection extends Error {
  constructor(readonly errors: RuleError[]) {
    super(errors.map((error) => `${error.code}: ${error.message}`).join('; '));
    this.name = 'Rejection';
  }
}

/** A rejection by one rule. `path` names the input field at fault. */
export function reject(code: string, message: string, path?: string[]): Rejection {
  return new Rejection([{ code, message, path, severity: 'ERROR' }]);
}

/** What a database complaint means, the same on both engines. */
export type DatabaseFault = 'unique' | 'foreign-key' | 'busy' | 'refused' | 'other';

/** How the message of a trigger ends that keeps a row from being replaced: there is one with this key. */
export const ROW_EXISTS = ': a row with this key exists';

/** Of a trigger, of a CHECK, of the length of a column. */
const REFUSALS: ReadonlySet<string> = new Set([
  'ER_SIGNAL_EXCEPTION',
  'ER_CONSTRAINT_FAILED',
  'ER_CHECK_CONSTRAINT_VIOLATED',
  'ER_DATA_TOO_LONG',
]);

/** Maps the errors of libsql and mysql2 to one vocabulary. */
export function databaseFault(error: unknown): DatabaseFault {
  const driver =
    (error as { driverError?: { code?: string; errno?: number } })?.driverError ??
    (error as { code?: string; errno?: number });
  const code = String(driver?.code ?? '');
  if (code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY')
    return 'unique';
  if (code === 'SQLITE_CONSTRAINT_TRIGGER' && String((error as Error).message).includes(ROW_EXISTS)) return 'unique';
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY' || driver?.errno === 1451 || driver?.errno === 1452) return 'foreign-key';
  if (code.startsWith('SQLITE_BUSY') || code === 'ER_LOCK_DEADLOCK' || code === 'ER_LOCK_WAIT_TIMEOUT') return 'busy';
  if (code.startsWith('SQLITE_CONSTRAINT') || REFUSALS.has(code)) return 'refused';
  return 'other';
}
