import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/database';
import { importOrganizationFile } from '../import/import-organization-file';

type Row = Record<string, string>;
const CONFIRMED = new Set(['page', 'derived']);

/**
 * Places the LEAs that stand directly below the state into the SELPAs that they are confirmed to belong to; a list of members
 * says of each row what it rests on. LEAs that are in a SELPA stay there. Without the list nothing is done.
 * @param folder that holds `orgs/`
 */
export async function joinConfirmedSelpas(database: Database, clock: Clock, folder: string): Promise<void> {
  const read = (name: string): Row[] => {
    const path = join(folder, 'orgs', `california-${name}.csv`);
    return existsSync(path) ? parse(readFileSync(path), { columns: true }) : [];
  };
  const free = await freeLeas(database);
  const members = read('selpa-members').filter((row) => CONFIRMED.has(row.basis!) && free.has(row.lea_cds!));
  const wanted = new Set(members.map((row) => row.selpa_slug!));
  const line = (code: string, name: string, kind: string, parentCode: string) => ({
    ...{ code, name, kind, parentCode, state: 'CA' },
    ...{ contactName: '', contactPhone: '', contactEmail: '' },
  });
  const lines = [
    ...read('selpas')
      .filter((row) => wanted.has(row.selpa_slug!))
      .map((row) => line(row.selpa_slug!, row.selpa_name!, 'SELPA', 'CA')),
    ...members.map((row) => line(row.lea_cds!, free.get(row.lea_cds!)!, 'LEA', row.selpa_slug!)),
  ];
  if (lines.length > 0)
    await importOrganizationFile(database, clock, Readable.from([stringify(lines, { header: true })]));
}

/** Names of the LEAs below the state, by code. */
async function freeLeas(database: Database): Promise<Map<string, string>> {
  const rows: { code: string; name: string }[] = await database.read.query(
    "SELECT l.code, l.name FROM organization l JOIN organization s ON s.id = l.parent_id AND s.kind = 'STATE' WHERE l.kind = 'LEA' AND l.state_code = 'CA'",
  );
  return new Map(rows.map(({ code, name }) => [code, name]));
}
