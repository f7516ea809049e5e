import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { freePort, stopAll, untilReady } from '../../scripts/child-processes';

const PROGRAMS = ['mariadbd', 'mariadb-install-db'];

/** True where the programs of MariaDB are installed: a server that answers somewhere is not enough to make a replica. */
export const mariadbAtHand = PROGRAMS.every((program) => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? ['--user=root'] : [];

/** A MariaDB of its own, in a folder of its own. Answers root without a password, on this machine alone. */
class Server {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    private readonly id: number,
    private readonly port: number,
  ) {}

  static async in(folder: string, id: number): Promise<Server> {
    const server = new Server(folder, id, await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `mysql://root@127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { folder, id, port } = this;
    const settings = {
      datadir: folder,
      socket: join(folder, 'socket'),
      'pid-file': join(folder, 'pid'),
      port,
      'bind-address': '127.0.0.1',
      'server-id': id,
      'log-bin': 'bin',
      'binlog-format': 'ROW',
      'read-only': id > 1 ? 1 : 0,
      'innodb-flush-log-at-trx-commit': 0,
      'innodb-buffer-pool-size': '64M',
      'log-output': 'TABLE',
    };
    const given = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    this.child = spawn('mariadbd', ['--no-defaults', '--skip-slave-start', ...asRoot, ...given], { stdio: 'ignore' });
    await untilReady('mariadbd', this.child, () =>
      this.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    );
  }

  /** As a server that hangs, until it is woken again. */
  hang(): void {
    this.child!.kill('SIGSTOP');
  }
  wake(): void {
    this.child!.kill('SIGCONT');
  }

  /** Ends it at once, as a loss of power would. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.child!.once('exit', resolve));
    this.child!.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    if (this.child) await stopAll([this.child]);
  }

  async query<T = Record<string, unknown>>(sql: string): Promise<T[]> {
    let connection: Connection | undefined;
    try {
      connection = await createConnection(this.url);
      return (await connection.query(sql))[0] as T[];
    } finally {
      await connection?.end();
    }
  }

  /** How many statements under a caller's row scope it was sent by the product, since its log is on. */
  async scopedReads(): Promise<number> {
    const [row] = await this.query<{ number: number }>(
      "SELECT COUNT(*) AS number FROM mysql.general_log WHERE user_host LIKE '%iep\\_test%' AND CONVERT(argument USING utf8mb4) LIKE '%scope:principal%'",
    );
    return Number(row!.number);
  }
}

/** A primary and its replica. */
export class ReplicaPair {
  private constructor(
    private readonly folder: string,
    readonly primary: Server,
    readonly replica: Server,
  ) {}

  static async start(): Promise<ReplicaPair> {
    const folder = mkdtempSync(join(tmpdir(), 'iep-replica-'));
    const [first, second] = [join(folder, '1'), join(folder, '2')];
    const method = '--auth-root-authentication-method=normal';
    execFileSync('mariadb-install-db', ['--no-defaults', ...asRoot, `--datadir=${first}`, '--skip-test-db', method], {
      stdio: 'ignore',
    });
    cpSync(first, second, { recursive: true });
    const [primary, replica] = await Promise.all([Server.in(first, 1), Server.in(second, 2)]);
    await primary.query("GRANT REPLICATION SLAVE ON *.* TO replica@'127.0.0.1' IDENTIFIED BY 'replica'");
    await replica.query(
      `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${new URL(primary.url).port}, MASTER_USER='replica',` +
        " MASTER_PASSWORD='replica', MASTER_USE_GTID=slave_pos",
    );
    await replica.query('START SLAVE');
    return new ReplicaPair(folder, primary, replica);
  }

  /** An empty database. @returns its address at the primary and at the replica */
  async makeDatabase(): Promise<{ url: string; replicaUrl: string }> {
    await this.primary.query('CREATE DATABASE iep CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    return { url: `${this.primary.url}/iep`, replicaUrl: `${this.replica.url}/iep` };
  }

  async stop(): Promise<void> {
    await Promise.all([this.replica.stop(), this.primary.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
