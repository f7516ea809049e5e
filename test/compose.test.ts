import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { gatewaySettings } from '../gateway/config';
import { issuerSettings } from '../issuer/settings';
import { settings } from '../platform/config';

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

test('.env.example names every variable of the product, and no other', () => {
  const text = readFileSync(join(root, '.env.example'), 'utf8');
  const named = [...text.matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name!);
  expect([...declared].filter((name) => !named.includes(name))).toEqual([]);
  expect(named.filter((name) => !declared.has(name))).toEqual([]);
});
