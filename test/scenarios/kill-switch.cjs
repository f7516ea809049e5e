/**
 * Preloaded into the product by `product-process.ts`: once armed by SIGUSR2, the process kills itself with SIGKILL at the
 * statement that KILL_SWITCH describes, `{ in, at, when }`: the first statement that matches `at`, inside a transaction
 * that has run one matching every part of `in`, before or after it is executed.
 */
const { MysqlQueryRunner } = require('typeorm/driver/mysql/MysqlQueryRunner');
const { BetterSqlite3QueryRunner } = require('typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner');

const { KILL_SWITCH } = process.env;
const fault = KILL_SWITCH ? JSON.parse(KILL_SWITCH) : null;
let armed = false;
process.on('SIGUSR2', () => (armed = true));

const die = () => process.kill(process.pid, 'SIGKILL');

for (const { prototype } of fault ? [MysqlQueryRunner, BetterSqlite3QueryRunner] : []) {
  const { query } = prototype;
  prototype.query = async function (sql, ...rest) {
    if (!armed) return query.call(this, sql, ...rest);
    if (/^(BEGIN|START TRANSACTION)/.test(sql)) this.statementsOfTransaction = [];
    const earlier = this.statementsOfTransaction ?? [];
    const isThere =
      new RegExp(fault.at).test(sql) && fault.in.every((part) => earlier.some((one) => new RegExp(part).test(one)));
    if (isThere && fault.when === 'before') die();
    const result = await query.call(this, sql, ...rest);
    if (isThere) die();
    earlier.push(sql);
    return result;
  };
}
