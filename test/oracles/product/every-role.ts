/** Perspectives of the roles of domain.md B.2 that the initial data leave out, each where it has students to see. */
import { scopeComment } from '../../../platform/database/guard';
import type { TestSystem } from '../../harness/system';
import { accountIdOf, LODI, MANTECA, providerIdOf, RIPON } from '../../scenarios/case-work';
import type { Relation } from './relations';
import type { RowsFromFacts } from './rows-from-facts';

/** Schools and agencies that serve students of many LEAs; the initial data have none. */
export const SHARED = { NPS: 'rows-nps', PRIVATE_SCHOOL: 'rows-private', NPA: 'rows-npa' } as const;

const HELD: readonly [who: string, role: string, organizationId: string, relation?: Relation][] = [
  ['backup.ripon', 'SELPA_SPECIALIST', 'selpa-san-joaquin-county'],
  ['backup.ripon', 'SIS_COORDINATOR', MANTECA.leaId],
  ['teacher2.ripon', 'GENERAL_USER', RIPON.leaId],
  ['provider2.ripon', 'SITE_PROVIDER', RIPON.schoolId],
  ['provider.ripon', 'SITE_PROVIDER', RIPON.schoolId, 'PROVIDER'],
  ['provider2.manteca', 'DISTRICT_PROVIDER', MANTECA.leaId],
  // cases of Manteca are the other role's.
  ['teacher.manteca', 'CASE_MANAGER', RIPON.schoolId],
  ['district.lodi', 'REPORTING_LEA', LODI.leaId],
  ['district.lodi', 'DSEA', LODI.leaId],
  ['district.manteca', 'DOR', MANTECA.leaId],
  ['district.ripon', 'DOL', RIPON.leaId],
  ['school.ripon', 'NPS_ADMIN', SHARED.NPS],
  ['school.ripon', 'PRIVATE_SCHOOL', SHARED.PRIVATE_SCHOOL],
  ['school.ripon', 'NPS_PROVIDER', SHARED.NPS],
  ['backup.ripon', 'NPA_PROVIDER', SHARED.NPA],
];

/** Who of them serves students, with a provider record of their own. */
export const SERVING = ['school.ripon', 'backup.ripon'] as const;

/** Further LEAs of students of an owner. */
const RELATED: readonly [relation: Relation, leaId: string, ownerId: string][] = [
  ['REPORTING', LODI.leaId, RIPON.leaId],
  ['ACCOUNTABILITY', LODI.leaId, MANTECA.leaId],
  ['RESIDENCE', MANTECA.leaId, RIPON.leaId],
  ['LOCATION', RIPON.leaId, MANTECA.leaId],
];

export async function holdEveryRole(system: TestSystem, facts: RowsFromFacts): Promise<void> {
  const insert = (table: string, row: Record<string, unknown>): Promise<unknown> => {
    const columns = Object.keys(row);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    return system.database.write((manager) => manager.query(scopeComment('system:test') + sql, Object.values(row)));
  };
  const [lea] = await facts.rows<Record<string, unknown>>('SELECT * FROM organization WHERE id = ?', [RIPON.leaId]);
  for (const [kind, id] of Object.entries(SHARED))
    await insert('organization', { ...lea, id, code: id, name: id, search_name: id, kind, parent_id: 'state-ca' });
  const [provider] = await facts.rows<Record<string, unknown>>('SELECT * FROM provider WHERE id = ?', [
    providerIdOf(RIPON.provider),
  ]);
  for (const who of SERVING)
    await insert('provider', { ...provider, id: providerIdOf(who), account_id: accountIdOf(who) });
  const today = facts.today('state-ca');
  for (const [at, [who, role, organizationId, relation = null]] of HELD.entries()) {
    const account = accountIdOf(who);
    const given = { granted_by: account, granted_at: '2026-01-01 00:00:00.000', read_only: 0, is_default: 0 };
    const row = { id: `rows-role-${at}`, account_id: account, role, organization_id: organizationId, relation };
    await insert('role_grant', { ...row, ...given, valid_from: today });
  }
  for (const [at, [relation, leaId, through]] of RELATED.entries()) {
    const owned = await facts.rows<{ student: string; begin: string }>(
      'SELECT student_id AS student, begin_date AS begin FROM jurisdiction WHERE lea_id = ? AND end_date IS NULL ORDER BY student_id LIMIT 3',
      [through],
    );
    for (const { student, begin } of owned) {
      const id = `rows-${at}-${student}`.slice(0, 64);
      const row = { id, student_id: student, relation, grantee: `LEA:${leaId}`, lea_id: through, valid_from: begin };
      await insert('student_access', row);
      facts.related.push({ id, student, through, relation, leaId });
    }
  }
}
