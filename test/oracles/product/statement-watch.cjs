/**
 * Watches the statements of a process where the driver gets them. `revocation.test.ts` calls it in its own process; as a
 * preload of a product's process it writes one line per statement to the file that STATEMENT_WATCH names, and keeps that
 * process from consuming events.
 */
const { Connection } = require('mysql2');
const { BetterSqlite3QueryRunner } = require('typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner');

/** Microseconds of the machine's monotonic clock: the same in all its processes. */
const now = () => Number(process.hrtime.bigint() / 1000n);

/** Whose scope a statement was built under: the subject in its predicate. */
function subjectOf(sql, parameters) {
  const at = sql.indexOf('pe.subject = ?');
  return at < 0 ? null : parameters[sql.slice(0, at).split('?').length - 1];
}

const rowsOf = (result) => (Array.isArray(result) ? result : (result?.records ?? result?.raw ?? []));

/**
 * Reports each scoped statement that returned rows of watched students: when it began, for whom, which students.
 * To be called before the first connection.
 */
function watchStatements(isWatched, report) {
  const returned = (startedAt, sql, parameters, result) => {
    const subject = Array.isArray(parameters) ? subjectOf(sql, parameters) : null;
    if (subject === null) return;
    const values = rowsOf(result).flatMap((row) => Object.values(row ?? {}));
    const students = [...new Set(values.filter(isWatched))];
    if (students.length > 0) report({ startedAt, subject, students });
  };
  const ofRunner = BetterSqlite3QueryRunner.prototype.query;
  BetterSqlite3QueryRunner.prototype.query = async function (sql, parameters, ...rest) {
    const startedAt = now();
    const result = await ofRunner.call(this, sql, parameters, ...rest);
    returned(startedAt, sql, parameters, result);
    return result;
  };
  const ofConnection = Connection.prototype.query;
  Connection.prototype.query = function (sql, parameters, done) {
    if (typeof done !== 'function') return ofConnection.call(this, sql, parameters, done);
    const startedAt = now();
    return ofConnection.call(this, sql, parameters, (error, rows, ...rest) => {
      if (!error) returned(startedAt, sql, parameters, rows);
      done(error, rows, ...rest);
    });
  };
}

module.exports = { now, watchStatements };

if (process.env.STATEMENT_WATCH) {
  const { appendFileSync } = require('node:fs');
  const { join } = require('node:path');
  const { file, students } = JSON.parse(process.env.STATEMENT_WATCH);
  const watched = new Set(students);
  watchStatements(
    (value) => watched.has(value),
    (statement) => appendFileSync(file, `${JSON.stringify(statement)}\n`),
  );
  require('reflect-metadata');
  const { Dispatcher } = require(join(process.cwd(), 'dist', 'platform', 'outbox', 'dispatcher.js'));
  Dispatcher.prototype.start = () => undefined;
}
