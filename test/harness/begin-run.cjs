const { mkdtempSync } = require('node:fs');
const net = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Before a run: gives it a temporary folder of its own (`end-run.cjs`), and says whether the MariaDB half is in it. */
module.exports = async () => {
  process.env.TMPDIR = process.env.TEST_RUN_FOLDER = mkdtempSync(join(tmpdir(), 'iep-graph-tests-'));
  const server = process.env.TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306';
  if (process.env.TEST_DATABASE === 'sqlite' || server === 'none') {
    process.stderr.write('Tests run on SQLite only: the MariaDB half is left out as asked.\n');
    return;
  }
  const { hostname, port } = new URL(server);
  const answers = await new Promise((resolve) => {
    const socket = net.connect({ host: hostname, port: Number(port || 3306), timeout: 2_000 });
    socket
      .once('connect', () => resolve(true))
      .once('error', () => resolve(false))
      .once('timeout', () => resolve(false));
    socket.once('close', () => resolve(false));
    setTimeout(() => socket.destroy(), 100).unref();
  });
  process.stderr.write(
    answers
      ? 'Tests run on SQLite and on MariaDB/MySQL.\n'
      : 'Tests run on SQLite only: no MariaDB or MySQL answers (set TEST_MYSQL_URL), so that half is skipped.\n',
  );
};
