/** DATABASE_URL without what only its server may know. */
export function maskUrl(url: string): string {
  // Up to the last @: a password that was not encoded may hold one.
  return url.replace(/^(\w+:\/\/[^:@/]*):.*@/, '$1:…@').replace(/([?&]pass\w*=)[^&]*/gi, '$1…');
}

type Advice = (where: { file: string; host: string; user: string; database: string }) => string;

const NO_ANSWER: Advice = ({ host }) => `nothing answers at ${host}. Start the server, or correct host and port.`;
const NO_HOST: Advice = ({ host }) => `there is no host ${host}. Correct the host.`;
/** Of an unknown user MariaDB says, at random, either of two things: nobody is to learn which users there are. */
const REFUSED: Advice = ({ user }) =>
  `the server refuses the user ${user} with this password. Correct user or password.`;
const NOT_WRITABLE: Advice = ({ file }) =>
  `the file ${file} can't be opened for writing. Choose another path, or give this user the right to write it and its folder.`;
const NO_DATABASE: Advice = ({ file }) =>
  `the file ${file} holds no SQLite database. Choose another path, or move that file away.`;

/** What a driver's code means for whoever starts the product, and what to do. */
const ADVICE: Readonly<Record<string, Advice>> = {
  ECONNREFUSED: NO_ANSWER,
  EHOSTUNREACH: NO_ANSWER,
  ENETUNREACH: NO_ANSWER,
  ETIMEDOUT: NO_ANSWER,
  ENOTFOUND: NO_HOST,
  EAI_AGAIN: NO_HOST,
  ER_ACCESS_DENIED_ERROR: REFUSED,
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: REFUSED,
  ER_DBACCESS_DENIED_ERROR: ({ user, database }) =>
    `the user ${user} has no right to the database ${database}. Grant it, or correct user or name.`,
  ER_BAD_DB_ERROR: ({ database }) => `there is no database ${database} on this server. Create it, or correct the name.`,
  SQLITE_NOTADB: NO_DATABASE,
  SQLITE_CORRUPT: NO_DATABASE,
  SQLITE_CANTOPEN: NOT_WRITABLE,
  SQLITE_READONLY: NOT_WRITABLE,
  EACCES: NOT_WRITABLE,
  EPERM: NOT_WRITABLE,
  EROFS: NOT_WRITABLE,
  EEXIST: NOT_WRITABLE,
  ENOTDIR: NOT_WRITABLE,
};

/** A failed connection as one readable line that names the setting; other errors as they are. */
export function connectionFault(error: unknown, url: string): unknown {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  // libsql reports a file that it can't open without a code.
  const isUnopened = /ConnectionFailed\(/.test(message);
  const advice = isUnopened ? NOT_WRITABLE : (ADVICE[code] ?? ADVICE[code.replace(/^(SQLITE_[A-Z]+)_.*/, '$1')]);
  if (!advice) return error;
  const { host = '', username = '', pathname = '' } = URL.canParse(url) ? new URL(url) : {};
  const where = { file: url.replace(/^sqlite:/, ''), host, user: username, database: pathname.slice(1) };
  return new Error(`DATABASE_URL=${maskUrl(url)}: ${advice(where)}`, { cause: error });
}
