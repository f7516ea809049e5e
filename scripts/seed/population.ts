import { addDays, ageOn, anniversary, type CalendarDay } from '../../platform/dates';
import { DisabilityCategory } from '../../subgraphs/iep/form/form-codes';
import type { LoadedProvider } from '../../subgraphs/services/load-services';
import { initialProviderId } from '../../subgraphs/services/provider/initial-providers';
import { CaseStory } from './case-story';
import { DISTRIBUTION, type LeaPlan } from './distribution';
import { leaOf, schoolsOf, staffOf, teamOf } from './initial-directory';
import { FIRST_NAMES, LAST_NAMES } from './names';
import { type Band, DISABILITY_SHARES, environmentFor } from './needs';
import { bornToBe, gradeAt, gradeDay, makePerson, SHORT_LISTS } from './person';
import { Random } from './random';
import { Days, type RecipeName, recipeOf, type Where } from './recipes';
import { fitsAge, schoolsForAge } from './schools';
import type { Lea, Person, School, Staff, StudentCase } from './student-case';

/** The initial population as plain rows. */
export interface Population {
  cases: StudentCase[];
  /** Providers without account, beside those of the demo accounts. */
  providers: LoadedProvider[];
  /** The four students that the partner agency and the monitor were granted. */
  partnerStudents: string[];
}

const SEED = 20_240_930;
const PARTNER_STUDENTS = 4;
const YEARS_ON_RECORD = 6;
/** Share of students aged 18 to 21. */
const ADULTS = 0.06;
/** Developmental delay is a category in Louisiana, not in California's school-age counts. */
const DEVELOPMENTAL_DELAY = 0.5;
/** Nobody has these on a caseload yet. */
const UNCLAIMED: readonly RecipeName[] = ['mandated', 'mandatedAndAttended'];

/** Tells the stories of all students of the initial data: the same ones for the same day. */
export function planPopulation(today: CalendarDay, now: Date): Population {
  const places = DISTRIBUTION.map((plan, i) => new LeaPopulation(plan, i, today, now));
  const cases = places.flatMap((place) => place.tell());
  const providers = places.flatMap((place) => place.newProviders);
  const inForce = cases.filter(({ student }) => student.id.startsWith('stu-ripon-current-'));
  return { cases, providers, partnerStudents: inForce.slice(0, PARTNER_STUDENTS).map(({ student }) => student.id) };
}

/** The students of one LEA. */
class LeaPopulation {
  readonly newProviders: LoadedProvider[] = [];
  private readonly lea: Lea;
  private readonly schools: School[];
  private told = 0;

  constructor(
    private readonly plan: LeaPlan,
    private readonly index: number,
    private readonly today: CalendarDay,
    private readonly now: Date,
  ) {
    this.lea = leaOf(plan.leaId);
    this.schools = schoolsOf(plan.leaId);
  }

  tell(): StudentCase[] {
    const counts = Object.entries(this.plan.counts) as [RecipeName, number][];
    return counts.flatMap(([recipe, count]) => Array.from({ length: count }, (_, turn) => this.student(recipe, turn)));
  }

  private student(recipe: RecipeName, turn: number): StudentCase {
    const random = Random.of(SEED, this.plan.key, recipe, turn);
    const { person, school } = this.person(random, recipe, turn);
    const band: Band = person.gradeLevel === 'PS' ? 'EARLY_CHILDHOOD' : 'SCHOOL_AGE';
    const disability = this.disability(random, band);
    const environment = environmentFor(random, disability, band);
    const days = new Days(this.today, person.dateOfBirth, random);
    const nonPublic = environment === 'SS' ? this.schools.find(({ kind }) => kind === 'NPS') : undefined;
    const here = this.here(nonPublic ?? school, person, recipe, turn);
    const { movedFrom, officialBy, attendedBy } = this.plan;
    const former = movedFrom && recipe === 'movedIn' ? this.elsewhere(movedFrom, random, person) : undefined;
    if (former) here.placement.beginDate = days.ago(60, 300);
    const affirmedBy = officialBy ? { ...this.staff(officialBy), path: 'MAKE_OFFICIAL' as const } : undefined;
    const { now, today } = this;
    const story = new CaseStory({
      random,
      now,
      today,
      person,
      ...(former ?? here),
      disability,
      environment,
      affirmedBy,
    });
    recipeOf(recipe).tell(story, { days, here, attendedBy: attendedBy ? this.staff(attendedBy) : undefined });
    return story.finish();
  }

  private person(random: Random, recipe: RecipeName, turn: number): { person: Person; school: School } {
    const number = ++this.told;
    const age = this.age(random, recipe);
    const dateOfBirth = bornToBe(random, age, this.today);
    const gradeLevel = gradeAt(ageOn(dateOfBirth, gradeDay(this.today)));
    const id = `stu-${this.plan.key}-${recipe.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-${turn + 1}`;
    const localId = String(100_000 + this.index * 1_000 + number);
    const given = { id, stateId: this.stateId(number), localId, dateOfBirth, gradeLevel, names: SHORT_LISTS };
    return { person: makePerson(random, given), school: random.pick(schoolsForAge(this.schools, age)) };
  }

  /** An age that the recipe and a school of the LEA allow. */
  private age(random: Random, recipe: RecipeName): number {
    const [youngest, oldest] = recipeOf(recipe).ages;
    const draw = (): number => {
      if (youngest >= 17 || oldest <= 17) return random.int(youngest, oldest);
      return random.chance(ADULTS) ? random.int(18, oldest) : random.int(youngest, 17);
    };
    const isServed = (age: number): boolean =>
      this.schools.some(({ name, kind }) => kind === 'SCHOOL' && fitsAge(name, age));
    let age = draw();
    for (let tries = 0; tries < 30 && !isServed(age); tries++) age = draw();
    return age;
  }

  private disability(random: Random, band: Band): DisabilityCategory {
    const isLouisiana = this.lea.stateOrgId === 'state-la';
    if (isLouisiana && band === 'EARLY_CHILDHOOD' && random.chance(DEVELOPMENTAL_DELAY)) return DisabilityCategory.DD;
    return random.weighted(DISABILITY_SHARES[band]);
  }

  private here(school: School, { dateOfBirth }: Person, recipe: RecipeName, turn: number): Where {
    const { caseManagers, specialists } = this.plan;
    const caseManager = this.staff(caseManagers[turn % caseManagers.length]!);
    const specialist = UNCLAIMED.includes(recipe) ? null : this.staff(specialists[turn % specialists.length]!);
    const beginDate = onRecordSince(dateOfBirth, this.today);
    return { placement: { lea: this.lea, school, beginDate }, team: teamOf(caseManager, specialist) };
  }

  private elsewhere(leaId: string, random: Random, { dateOfBirth }: Person): Where {
    const { caseManagers, specialists } = DISTRIBUTION.find((plan) => plan.leaId === leaId)!;
    const school = random.pick(schoolsForAge(schoolsOf(leaId), ageOn(dateOfBirth, this.today) - 1));
    const team = teamOf(this.staff(caseManagers.at(-1)!), this.staff(specialists.at(-1)!));
    return { placement: { lea: leaOf(leaId), school, beginDate: onRecordSince(dateOfBirth, this.today) }, team };
  }

  /** The person of the initial accounts, or a provider who doesn't sign in. */
  private staff(username: string): Staff {
    const known = staffOf(username);
    if (known) return known;
    const id = initialProviderId(username);
    let provider = this.newProviders.find((each) => each.id === id);
    if (!provider) {
      const random = Random.of(SEED, username);
      const displayName = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
      provider = { id, displayName, kind: 'LEA_STAFF', organizationId: this.lea.id };
      this.newProviders.push(provider);
    }
    return { providerId: id, accountId: null, name: provider.displayName };
  }

  /** Ten digits in California and Louisiana (SSID, LASID), nine in New York City (OSIS); from ranges of our own. */
  private stateId(number: number): string {
    const tail = String(this.index * 1_000 + number).padStart(6, '0');
    return { 'state-ca': `7000${tail}`, 'state-la': `8000${tail}` }[this.lea.stateOrgId] ?? `200${tail}`;
  }
}

/** Records begin some time before the third birthday, at most six years ago. */
function onRecordSince(birth: CalendarDay, today: CalendarDay): CalendarDay {
  const beforeThree = addDays(anniversary(birth, 2), 140);
  const longest = anniversary(today, -YEARS_ON_RECORD);
  return beforeThree > longest ? beforeThree : longest;
}
