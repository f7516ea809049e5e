/** Synthetic records, the same in every process: what the operations of the bench can reach, as one graph of objects. */

const STUDENTS = 100;
const LEAS = ['Alder Valley Unified', 'Briar Creek Elementary', 'Cedar Flats Unified', 'Dunmore High'];
const AREAS = ['ACADEMIC', 'COMMUNICATION'] as const;
const CODES = [
  ['330', 'Specialized Academic Instruction'],
  ['415', 'Speech and Language'],
] as const;

/** Ids look like those of the product and are as long. */
const idOf = (kind: number, at: number): string =>
  `0190${String(kind).padStart(4, '0')}-0000-7000-8000-${String(at).padStart(12, '0')}`;
const dayOf = (at: number): string =>
  `2026-${String((at % 12) + 1).padStart(2, '0')}-${String((at % 28) + 1).padStart(2, '0')}`;

const organizations = LEAS.map((name, at) => ({ __typename: 'Organization', id: idOf(1, at), name }));
const providers = Array.from({ length: 12 }, (_, at) => ({
  __typename: 'Provider',
  id: idOf(2, at),
  displayName: `Provider ${at}`,
  organization: organizations[at % organizations.length]!,
}));
const students = Array.from({ length: STUDENTS }, (_, at) => student(at));

function student(at: number) {
  const services = CODES.map(([code, name], nth) => ({
    __typename: 'Service',
    id: idOf(3, at * CODES.length + nth),
    ...{ code, name, minutes: 30 + at, frequency: 'WEEKLY' },
    provider: providers[(at + nth) % providers.length]!,
  }));
  const goals = AREAS.map((area, nth) => ({
    __typename: 'Goal',
    id: idOf(4, at * AREAS.length + nth),
    area,
    statement: `By the next annual review, student ${at} meets measure ${nth} in 4 of 5 trials as recorded by staff.`,
  }));
  return {
    ...{
      __typename: 'Student',
      id: idOf(5, at),
      stateId: String(5_000_000 + at),
      firstName: `First${at}`,
      lastName: `Last${at}`,
      gradeLevel: '05',
    },
    status: 'ELIGIBLE_ACTIVE',
    jurisdiction: {
      __typename: 'Jurisdiction',
      id: idOf(6, at),
      beginDate: dayOf(at),
      lea: organizations[at % organizations.length]!,
    },
    currentIep: { __typename: 'Iep', id: idOf(7, at), state: 'CURRENT', meetingDate: dayOf(at + 1), goals, services },
    services,
    dueDates: [
      { __typename: 'DueDate', kind: 'ANNUAL_REVIEW', dueOn: dayOf(at + 2) },
      { __typename: 'DueDate', kind: 'TRIENNIAL_REVIEW', dueOn: dayOf(at + 3) },
    ],
  };
}

/** The root value of a query, for the default resolvers of graphql-js. */
export const root = {
  students: ({ first }: { first: number }) => ({
    __typename: 'StudentConnection',
    totalCount: STUDENTS,
    nodes: students.slice(0, first),
  }),
};

const entities = new Map(
  [...organizations, ...providers, ...students, ...students.map(({ currentIep }) => currentIep)].map((entity) => [
    `${entity.__typename} ${entity.id}`,
    entity,
  ]),
);

/** What a representation stands for. */
export const entityOf = ({ __typename, id }: { __typename: string; id: string }): object | null =>
  entities.get(`${__typename} ${id}`) ?? null;
