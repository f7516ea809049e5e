import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UNLIMITED } from '../load';
import { SUBGRAPHS, type SubgraphName } from './subgraph-stub';

const ROOT = join(__dirname, '..', '..', '..');
/** Where the peers' packages are: `npm ci --prefix bench`. */
const PACKAGES = join(ROOT, 'bench', 'node_modules');
const PEERS = join(ROOT, 'bench', 'gateway', 'peers');

/** What one run gives to all gateways. */
export interface Setting {
  subgraphs: Record<SubgraphName, string>;
  /** File of the supergraph without the security specifications, with the addresses of the stubs. */
  supergraph: string;
  principalKeys: Record<SubgraphName, string>;
  serviceKey: string;
  issuer: string;
  /** Options of all stubs, as JSON. */
  stubs: string;
}

export interface Gateway {
  title: string;
  /** What to run with `node`, from the folder of the product. */
  program(setting: Setting, port: string): string[];
  env?(setting: Setting, port: string): Record<string, string>;
  /** True of the whole product: every fetch has to be signed, every request on record. */
  isProtected?: boolean;
  /** True when the subgraphs are in its process. */
  isAlone?: boolean;
  /** True when it comes from the packages of the bench. */
  isPeer?: boolean;
}

const pairs = (values: Record<SubgraphName, string>): string =>
  SUBGRAPHS.map((name) => `${name}=${values[name]}`).join(',');

const oursEnv = ({ subgraphs, principalKeys, serviceKey, issuer }: Setting, port: string): Record<string, string> => ({
  ...{ NODE_ENV: 'production', OPERATIONS: 'any', LOG_LEVEL: 'warn', HOST: '127.0.0.1', PORT: port, ...UNLIMITED },
  ...{ SUBGRAPH_URLS: pairs(subgraphs), PRINCIPAL_KEYS: pairs(principalKeys), SERVICE_KEY: serviceKey },
  ...{ EMBEDDED_ISSUER: issuer, EMBEDDED_JWKS_URI: `${subgraphs.students}/jwks` },
});

const PRODUCTION = { NODE_ENV: 'production' };

const hive = (title: string, { rust, shared }: { rust: boolean; shared: boolean }): Gateway => ({
  title,
  program: ({ supergraph }, port) => [
    ...[join(PACKAGES, '@graphql-hive', 'gateway', 'dist', 'bin.js'), 'supergraph', supergraph],
    ...['--host', '127.0.0.1', '--port', port, '--config-path', join(PEERS, 'hive.config.mjs')],
    ...(rust ? ['--hive-router-runtime'] : []),
  ],
  env: () => ({ ...PRODUCTION, SHARING: shared ? 'on' : 'off' }),
  isPeer: true,
});

/** By the name that `--only` takes. */
export const GATEWAYS: Readonly<Record<string, Gateway>> = {
  ours: {
    title: 'ours, whole product path',
    program: () => [join(ROOT, 'dist', 'gateway', 'main.js')],
    env: oursEnv,
    isProtected: true,
  },
  'in-process': {
    title: 'ours, subgraphs in process',
    program: () => [join(__dirname, 'in-process.js')],
    env: (setting, port) => ({ ...oursEnv(setting, port), STUBS: setting.stubs }),
    isProtected: true,
    isAlone: true,
  },
  'ours-any': {
    title: 'ours (gateway:any), no rights',
    program: ({ supergraph }, port) => [
      ...[join(ROOT, 'dist', 'scripts', 'gateway-any.js'), '--supergraph', supergraph, '--port', port],
    ],
  },
  apollo: {
    title: 'Apollo Server and Gateway',
    program: ({ supergraph }, port) => [join(PEERS, 'apollo.mjs'), supergraph, port],
    env: () => PRODUCTION,
    isPeer: true,
  },
  'hive-shared': hive('Hive Gateway, shared', { rust: false, shared: true }),
  hive: hive('Hive Gateway', { rust: false, shared: false }),
  'hive-rust-shared': hive('Hive Gateway, Rust planner, shared', { rust: true, shared: true }),
  'hive-rust': hive('Hive Gateway, Rust planner', { rust: true, shared: false }),
  mercurius: {
    title: 'Mercurius',
    program: (_, port) => [join(PEERS, 'mercurius.mjs'), port],
    env: ({ subgraphs }) => ({ ...PRODUCTION, SUBGRAPH_URLS: pairs(subgraphs) }),
    isPeer: true,
  },
  'by-hand': {
    title: 'by hand',
    program: (_, port) => [join(__dirname, 'by-hand.js'), port],
    env: ({ subgraphs }) => ({ ...PRODUCTION, SUBGRAPH_URLS: pairs(subgraphs) }),
  },
};

/** False of a peer whose packages are missing. */
export const isInstalled = (gateway: Gateway): boolean => !gateway.isPeer || existsSync(PACKAGES);
