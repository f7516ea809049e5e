export interface Operation {
  name: string;
  query: string;
  variables?: Record<string, unknown>;
}

/** Who asks: a SELPA with some 240 students. */
export const CALLER = 'selpa.sanjoaquin';

/** The same three for every run, so that figures can be compared. */
export const operations = (student: string): Operation[] => [
  { name: 'light', query: 'query Light { students(first: 25) { totalCount nodes { id firstName lastName } } }' },
  {
    name: 'heavy',
    query: `query Heavy {
      students(first: 100) {
        totalCount
        nodes {
          id firstName lastName gradeLevel status
          jurisdiction { beginDate lea { id name } }
          currentIep { id state meetingDate goals { id area statement } }
          services(state: ACTIVE) { id code name minutes frequency provider { id displayName } }
          dueDates { kind dueOn }
        }
      }
    }`,
  },
  {
    name: 'single',
    query: `query Single($id: ID!) {
      student(id: $id) {
        id firstName lastName
        currentIep { id state goals { id statement } }
        services(state: ACTIVE) { id code }
        dueDates { kind dueOn }
      }
    }`,
    variables: { id: student },
  },
];

export const operationNames = operations('').map(({ name }) => name);
