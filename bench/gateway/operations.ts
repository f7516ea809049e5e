/** The same for every gateway and every run, so that figures can be compared. */
export const OPERATIONS = {
  /** Some 100 KB out of six fetches: two of them wait for what others found. */
  heavy: `query Heavy {
    students(first: 100) {
      totalCount
      nodes {
        id firstName lastName gradeLevel status
        jurisdiction { beginDate lea { id name } }
        currentIep { id state meetingDate goals { area statement } services { id } }
        services(state: ACTIVE) { code name minutes frequency provider { displayName organization { name } } }
        dueDates { kind dueOn }
      }
    }
  }`,
  /** Four fetches, three of them side by side; below 1 KB. */
  light: `query Light {
    students(first: 2) {
      nodes { id lastName currentIep { id state } services(state: ACTIVE) { id code } dueDates { kind dueOn } }
    }
  }`,
  /** One fetch. */
  one: 'query One { students(first: 2) { totalCount nodes { id firstName lastName } } }',
} as const;
export type OperationName = keyof typeof OPERATIONS;
export const operationNames = Object.keys(OPERATIONS) as OperationName[];
