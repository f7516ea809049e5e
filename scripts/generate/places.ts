import type { Database } from '../../platform/database/database';
import { Random } from '../seed/random';
import { schoolsForAge } from '../seed/schools';
import type { Lea, School } from '../seed/student-case';

export interface Place {
  lea: Lea;
  school: School;
}

interface PlaceRow {
  id: string;
  name: string;
  kind: 'SCHOOL' | 'NPS';
  leaId: string;
  leaName: string;
  aboveId: string;
  aboveKind: string;
}

/** The active schools of these kinds that stand below an LEA, by id. */
export async function readPlaces(
  database: Database,
  stateCode: string,
  kinds: readonly PlaceRow['kind'][],
): Promise<Place[]> {
  const rows: PlaceRow[] = await database.read.query(
    'SELECT s.id, s.name, s.kind, l.id AS leaId, l.name AS leaName, a.id AS aboveId, a.kind AS aboveKind FROM organization s' +
      " JOIN organization l ON l.id = s.parent_id AND l.kind = 'LEA' JOIN organization a ON a.id = l.parent_id" +
      ` WHERE s.kind IN (${kinds.map(() => '?').join(', ')}) AND s.active = 1 AND s.state_code = ? ORDER BY s.id`,
    [...kinds, stateCode],
  );
  const stateOrgId = `state-${stateCode.toLowerCase()}`;
  return rows.map(({ id, name, kind, leaId, leaName, aboveId, aboveKind }) => ({
    lea: { id: leaId, name: leaName, selpaId: aboveKind === 'SELPA' ? aboveId : null, stateOrgId },
    school: { id, name, kind },
  }));
}

/** The schools of a state that students are spread over, each as likely as any other of the same ages. */
export class Places {
  private readonly byAge = new Map<number, Place[]>();

  private constructor(private readonly places: readonly Place[]) {}

  /**
   * Reads the active public schools with their LEAs.
   * @throws Error when there are none
   */
  static async load(database: Database, stateCode: string): Promise<Places> {
    const places = await readPlaces(database, stateCode, ['SCHOOL']);
    if (places.length === 0) {
      throw new Error(
        `There are no schools of ${stateCode} to place students in.\n` +
          'Import them first: npm run import -- ca-schools ../shared/data/orgs/california-schools.csv',
      );
    }
    return new Places(places);
  }

  get count(): number {
    return this.places.length;
  }

  /** A place whose school somebody of this age may attend. */
  draw(random: Random, age: number): Place {
    let fitting = this.byAge.get(age);
    if (!fitting) {
      const schools = this.places.map((place) => ({ ...place.school, place }));
      this.byAge.set(age, (fitting = schoolsForAge(schools, age).map(({ place }) => place)));
    }
    return random.pick(fitting);
  }
}
