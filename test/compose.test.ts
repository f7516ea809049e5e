import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { gatewaySettings } from '../gateway/config';
import { issuerSettings } from '../issuer/settings';
import { readMap, settings } from '../platform/config';
import { DEFAULT_ACCOUNTS, processNames } from '../scripts/database-users';

const root = join(__dirname, '..');
const declared = new Set([...Object.keys(settings), ...Object.keys(gatewaySettings), ...Object.keys(issuerSettings)]);

interface Service {
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
}
const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};
const processes = Object.entries(compose.services).filter(([name]) => name !== 'mysql');

describe('docker-compose.yml', () => {
  test('has the database, a one-shot migration, the issuer, four subgraphs and the gateway', () => {
    expect(Object.keys(compose.services)).toEqual([
      'mysql',
      'migrate',
      'issuer',
      'students',
      'iep',
      'services',
      'reporting',
      'gateway',
    ]);
    expect(compose.services.mysql!.image).toBe('mysql:8.4');
  });

  test.each(processes)('%s runs a program of this build with settings that exist', (name, { command, environment }) => {
    const source = command!
      .find((word) => word.startsWith('dist/'))!
      .replace(/^dist\//, '')
      .replace(/\.js$/, '.ts');
    expect(existsSync(join(root, source))).toBe(true);
    expect(Object.keys(environment ?? {}).filter((variable) => !declared.has(variable))).toEqual([]);
    expect(name).toBeTruthy();
  });

  test('everything that serves has a health check and waits for the migration', () => {
    for (const [name, service] of processes) {
      if (name === 'migrate') continue;
      expect([name, service.healthcheck?.test.length]).toEqual([name, 4]);
      const waitsFor = Object.entries(service.depends_on ?? {});
      expect(waitsFor.length).toBeGreaterThan(0);
      if (name !== 'gateway') expect(waitsFor).toEqual([['migrate', { condition: 'service_completed_successfully' }]]);
    }
  });
});

test('npm start and the image run node with the same young generation, which compose leaves as it is', () => {
  const text = (name: string): string => readFileSync(join(root, name), 'utf8');
  const { start } = (JSON.parse(text('package.json')) as { scripts: Record<string, string> }).scripts;
  const [flag] = /--max-semi-space-size=\d+/.exec(start!)!;
  expect(text('Dockerfile')).toMatch(new RegExp(`^ENV .*NODE_OPTIONS=${flag}$`, 'm'));
  for (const [name, { command, environment }] of processes)
    expect([name, command![0], environment?.NODE_OPTIONS]).toEqual([name, 'node', undefined]);
});

describe('database users of docker-compose.yml', () => {
  const named = (name: string) => compose.services[name]!.environment!;
  const passwords = readMap(named('migrate').DATABASE_USERS, 'DATABASE_USERS');

  test.each(processNames)('%s connects as its own user, with the password that migrate gives it', (name) => {
    const password = passwords[name]!;
    expect(named(name).DATABASE_URL).toBe(`mysql://${DEFAULT_ACCOUNTS.prefix}${name}:${password}@mysql:3306/iep`);
    expect(password).toMatch(/^\$\{[A-Z_]+:-change-me-[a-z-]+\}$/);
  });

  test('only migrate is the owner, and the gateway has no database', () => {
    expect(Object.keys(passwords)).toEqual(processNames);
    expect(
      processes.filter(([, { environment }]) => environment?.DATABASE_URL?.includes('root')).map(([name]) => name),
    ).toEqual(['migrate']);
    expect(named('gateway').DATABASE_URL).toBeUndefined();
  });
});

test('.env.example names every variable of the product, and no other', () => {
  const text = readFileSync(join(root, '.env.example'), 'utf8');
  const named = [...text.matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name!);
  expect([...declared].filter((name) => !named.includes(name))).toEqual([]);
  expect(named.filter((name) => !declared.has(name))).toEqual([]);
});
