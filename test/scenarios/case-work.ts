import type { GraphqlAnswer, TestSystem } from '../harness/system';

/** The public API, however the product behind it was started. */
export type Door = Pick<TestSystem, 'ask'>;

/** A district of the initial data and who works there. */
export interface District {
  leaId: string;
  name: string;
  schoolId: string;
  administrator: string;
  teacher: string;
  colleague: string;
  provider: string;
}

const district = (key: string, name: string, leaId: string, schoolId: string): District => ({
  leaId,
  name,
  schoolId,
  administrator: `district.${key}`,
  teacher: `teacher.${key}`,
  colleague: `teacher2.${key}`,
  provider: `provider.${key}`,
});

export const RIPON = district('ripon', 'Ripon Unified', 'ca-39686500000000', 'ca-39686506042477');
export const MANTECA = district('manteca', 'Manteca Unified', 'ca-39685930000000', 'ca-39685936042345');
/** In another SELPA than the two above. */
export const LODI = district('lodi', 'Lodi Unified', 'ca-39685850000000', 'ca-39685856042220');

export const accountIdOf = (username: string): string => `acct-${username.replaceAll('.', '-')}`;
export const providerIdOf = (username: string): string => `prov-${username.replaceAll('.', '-')}`;

/** Today in California, where these districts are, and days around it. */
export const today = (): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles' }).format(new Date());
export const daysFromToday = (days: number): string => {
  const day = new Date(`${today()}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
};

export interface Pupil {
  id: string;
  stateId: string;
  lastName: string;
}

// A payload has the shape of its selection.
export type Payload = any;

export const codes = (payload: { errors: { code: string }[] }): string[] => payload.errors.map((error) => error.code);

/** Codes of everything that an answer refuses: of the request as a whole, or of rules in its one payload. */
export function refusalsOf({ data, errors = [] }: GraphqlAnswer): string[] {
  const [payload] = Object.values(data ?? {}) as { errors?: { code: string; severity: string }[] }[];
  const rules = (payload?.errors ?? []).filter((error) => error.severity !== 'WARNING');
  return [...errors.map((error) => error.extensions.code), ...rules.map((error) => error.code)];
}

/** Numbers students of this process, so that no two tests meet the same identity. */
let pupils = 0;
const letters = (number: number): string =>
  [...String(number).padStart(4, '0')].map((digit) => 'abcdefghij'[Number(digit)]).join('');

/** The daily work of a district through the public API: one method per act, in the words of the field. */
export class CaseWork {
  constructor(private readonly door: Door) {}

  /** Runs a mutation and gives the whole answer, refused or not. */
  attempt(who: string, mutation: string, input: object, selection = ''): Promise<GraphqlAnswer> {
    const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation($input: ${type}!) { ${mutation}(input: $input) { ${selection} errors { code message path severity } } }`;
    return this.door.ask(who, query, { input });
  }

  /** Runs a mutation and gives its payload. @throws when the request as a whole failed */
  async act(who: string, mutation: string, input: object, selection = ''): Promise<Payload> {
    const answer = await this.attempt(who, mutation, input, selection);
    if (answer.errors || answer.status !== 200) throw new Error(`${who} ${mutation}: ${JSON.stringify(answer)}`);
    return answer.data[mutation];
  }

  /** Runs a mutation that must succeed. @throws when a rule refused it */
  async done(who: string, mutation: string, input: object, selection = ''): Promise<Payload> {
    const payload = await this.act(who, mutation, input, selection);
    const refusals = payload.errors.filter((error: { severity: string }) => error.severity === 'ERROR');
    if (refusals.length > 0) throw new Error(`${who} ${mutation}: ${JSON.stringify(refusals)}`);
    return payload;
  }

  /** Asks for one root field. @throws when there are errors */
  async see(who: string, query: string, variables: Record<string, unknown> = {}): Promise<Payload> {
    const answer = await this.door.ask(who, query, variables);
    if (answer.errors || answer.status !== 200) throw new Error(`${who} ${query}: ${JSON.stringify(answer)}`);
    return answer.data;
  }

  /** A student who is new to special education, in evaluation. */
  async addStudent({ administrator, schoolId }: District, beginDate = daysFromToday(-200)): Promise<Pupil> {
    const number = ++pupils;
    const [stateId, lastName] = [`SC${process.pid}${String(number).padStart(4, '0')}`, `Scenario${letters(number)}`];
    const identity = {
      stateId,
      firstName: 'Robin',
      lastName,
      dateOfBirth: '2015-03-14',
      gender: 'F',
      gradeLevel: '04',
    };
    const input = { ...identity, schoolId, beginDate, status: 'PENDING' };
    const { student } = await this.done(administrator, 'addStudent', input, 'student { id }');
    return { id: student.id, stateId, lastName };
  }

  /** Names the case manager, who becomes a provider of the student first (V-020). */
  async assignCaseManager({ administrator, teacher }: District, studentId: string, who = teacher): Promise<void> {
    const input = { studentId, providerId: providerIdOf(who) };
    await this.done(administrator, 'assignProvider', input);
    await this.done(administrator, 'changeCaseManager', input);
  }

  /** A student of this district with a case manager and nothing else. */
  async newCase(where: District, beginDate?: string): Promise<Pupil> {
    const pupil = await this.addStudent(where, beginDate);
    await this.assignCaseManager(where, pupil.id);
    return pupil;
  }

  /** Adds a service: to a draft when `iepId` is given, by hand otherwise. */
  addService(who: string, studentId: string, over: object = {}): Promise<Payload> {
    return this.done(
      who,
      'addService',
      { ...SERVICE, studentId, startDate: daysFromToday(-2), ...over },
      'service { id state version }',
    );
  }

  /** Ends a service today, or on another day. */
  terminateService(who: string, { id, version }: { id: string; version: number }, endDate = today()): Promise<Payload> {
    return this.done(
      who,
      'terminateService',
      { serviceId: id, version, endDate, terminationReason: 'MOVED' },
      'service { id state endDate }',
    );
  }

  async startIep(who: string, studentId: string, kind = 'PART_B_INITIAL'): Promise<string> {
    return (await this.done(who, 'startIep', { studentId, kind }, 'iep { id }')).iep.id;
  }

  async formVersion(who: string, iepId: string, kind: string): Promise<number> {
    const { iep } = await this.see(who, 'query($id: ID!) { iep(id: $id) { forms { kind version } } }', { id: iepId });
    return iep.forms.find((form: { kind: string }) => form.kind === kind).version;
  }

  /** Saves the content of a form (`presentLevels`, `offer` …) over the version that stands. */
  async saveForm(who: string, iepId: string, form: keyof typeof FORM_KINDS, content: object): Promise<Payload> {
    const version = await this.formVersion(who, iepId, FORM_KINDS[form]);
    return this.done(
      who,
      'saveIepForm',
      { iepId, version, [form]: content },
      'form { kind mark version } findings { rule { id } path }',
    );
  }

  /** Writes every page of a draft, with one goal and one service. */
  async writePlan(who: string, studentId: string, iepId: string, meetingDate: string): Promise<void> {
    for (const [form, content] of Object.entries({
      presentLevels: LEVELS,
      offer: OFFER,
      participants: team(meetingDate),
      notes: NOTES,
    })) {
      await this.saveForm(who, iepId, form as keyof typeof FORM_KINDS, content);
    }
    const { iep } = await this.see(who, 'query($id: ID!) { iep(id: $id) { goals { id } } }', { id: iepId });
    if (iep.goals.length === 0) await this.done(who, 'addGoal', { iepId, ...GOAL });
    await this.addService(who, studentId, { iepId, startDate: meetingDate });
  }

  async holdMeeting(who: string, iepId: string, meetingDate: string): Promise<Payload> {
    const version = await this.version(who, iepId);
    return this.done(who, 'holdMeeting', { iepId, version, meetingDate }, 'iep { id state version }');
  }

  /** A plan with its meeting held: what is left is to affirm it. */
  async heldPlan(
    where: District,
    studentId: string,
    kind = 'PART_B_INITIAL',
    meetingDate = daysFromToday(-2),
  ): Promise<string> {
    const iepId = await this.startIep(where.teacher, studentId, kind);
    await this.writePlan(where.teacher, studentId, iepId, meetingDate);
    await this.holdMeeting(where.teacher, iepId, meetingDate);
    return iepId;
  }

  async version(who: string, iepId: string): Promise<number> {
    return (await this.see(who, 'query($id: ID!) { iep(id: $id) { version } }', { id: iepId })).iep.version;
  }

  async affirmInput(who: string, iepId: string, over: object = {}): Promise<object> {
    return { iepId, version: await this.version(who, iepId), purposes: ['INITIAL'], attestation: checklist(), ...over };
  }

  /** Affirms; the payload says whether it was. */
  async affirm(who: string, iepId: string, over: object = {}): Promise<Payload> {
    return this.act(who, 'affirmIep', await this.affirmInput(who, iepId, over), 'iep { id state version }');
  }

  claim({ administrator, schoolId }: District, stateId: string, beginDate = today()): Promise<GraphqlAnswer> {
    return this.attempt(
      administrator,
      'claimJurisdiction',
      { stateId, schoolId, beginDate },
      'student { id } jurisdiction { id beginDate endDate lea { id } }',
    );
  }
}

export const FORM_KINDS = {
  presentLevels: 'PRESENT_LEVELS',
  offer: 'OFFER',
  participants: 'PARTICIPANTS',
  notes: 'NOTES',
} as const;

export const SERVICE = {
  code: '330',
  frequency: 'WEEKLY',
  minutes: 60,
  delivery: 'INDIVIDUAL',
  location: 'Resource room',
};

export const checklist = () => ({
  handwrittenChangesTyped: true,
  matchesSignedCopy: true,
  copyGivenToParent: true,
  copyGivenOn: today(),
});

const PAGES = [
  'strengths',
  'parentConcerns',
  'academicPerformance',
  'communication',
  'motorSkills',
  'socialEmotional',
  'health',
  'dailyLiving',
  'disabilityImpact',
];
export const LEVELS: Record<string, string> = Object.fromEntries(
  PAGES.map((item) => [item, `What the team knows about ${item}.`]),
);

export const OFFER = {
  offers: ['Specialized academic instruction, an hour a week in a small group.'],
  fapeStatement: 'The offer lets the student make progress in the general curriculum.',
  federalEnvironment: 'RC80',
  percentInsideRegularClass: 85,
  primaryDisability: 'SLD',
};

export const team = (signedOn: string) => ({
  participants: [
    { name: 'Jo Scenario', role: 'PARENT', attended: true, agreement: 'AGREES', signedOn },
    { name: 'Dana Whitfield', role: 'CASE_MANAGER', attended: true, agreement: 'AGREES' },
  ],
  signature: { outcome: 'AGREE_ALL', signedOn },
  participation: { confirmed: true },
});

export const NOTES = {
  discussion: 'The family asked for help with reading.',
  topics: [{ topic: 'Extended school year', discussed: true, comment: 'Not needed this year.' }],
  actionProposed: 'An hour of instruction a week.',
  reason: 'Reading is behind the grade.',
  evaluationBasis: 'The evaluation of this month.',
  optionsConsidered: 'Consultation alone would not be enough.',
  otherFactors: 'No others came up.',
  safeguards: 'Explained, and a copy was given.',
};

export const GOAL = {
  area: 'ACADEMIC',
  baseline: 'Reads 45 words a minute.',
  statement: 'Within a year reads 80 words a minute in four of five samples.',
  discussed: true,
};
