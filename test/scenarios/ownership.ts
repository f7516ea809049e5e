import { addDays } from '../../platform/dates';
import type { Database } from '../../platform/database/database';
import { select } from './record';

interface Period {
  leaId: string;
  beginDate: string;
  endDate: string | null;
}

/** Who owns a student, who serves and who may see: read from the tables, to hold the rules of domain C.3 against. */
export interface Ownership {
  periods: Period[];
  owner: string | null;
  /** LEAs with services that run. */
  serving: string[];
  /** LEAs and staff whose right on the student is open. */
  seeing: string[];
}

export async function ownershipOf(database: Database, studentId: string): Promise<Ownership> {
  const rows = <T>(sql: string): Promise<T[]> => select<T>(database, sql, [studentId]);
  const periods = await rows<Period>(
    'SELECT lea_id AS leaId, begin_date AS beginDate, end_date AS endDate FROM pub_jurisdiction WHERE student_id = ? ORDER BY begin_date',
  );
  const serving = await rows<{ lea_id: string }>(
    "SELECT DISTINCT lea_id FROM pub_service WHERE student_id = ? AND state = 'ACTIVE'",
  );
  const seeing = await rows<{ grantee: string }>(
    "SELECT DISTINCT grantee FROM student_access WHERE student_id = ? AND revoked_at IS NULL AND valid_to IS NULL AND relation IN ('JURISDICTION', 'CASE_MANAGER', 'PROVIDER')",
  );
  return {
    periods,
    owner: periods.find((period) => period.endDate === null)?.leaId ?? null,
    serving: serving.map((row) => row.lea_id),
    seeing: seeing
      .map((row) => row.grantee)
      .filter((grantee) => /^(LEA|STAFF):/.test(grantee))
      .sort(),
  };
}

/**
 * What must hold of a student at every instant: one owner, no gap between owners, rights that follow the owner, and no
 * running service of anybody else (SER-21, SER-22, SER-28).
 */
export function expectOneOwner({ periods, owner, serving, seeing }: Ownership): void {
  expect(periods.filter((period) => period.endDate === null)).toHaveLength(1);
  for (const [i, period] of periods.slice(0, -1).entries())
    expect(addDays(period.endDate!, 1)).toBe(periods[i + 1]!.beginDate);
  expect(seeing.filter((grantee) => grantee.startsWith('LEA:'))).toEqual([`LEA:${owner}`]);
  expect(serving.filter((leaId) => leaId !== owner)).toEqual([]);
}
