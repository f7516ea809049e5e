import type { RecipeName } from './recipes';

type Counts = Partial<Record<RecipeName, number>>;

/** The students of one LEA in the initial data. */
export interface LeaPlan {
  /** Short word that the ids of the students begin with. */
  key: string;
  leaId: string;
  counts: Counts;
  /** User names of case managers, in turn per recipe: the demo teacher gets every n-th student of each recipe. */
  caseManagers: readonly string[];
  /** User names of those who deliver everything but instruction, in turn. */
  specialists: readonly string[];
  /** Where the students of `movedIn` came from. */
  movedFrom?: string;
  /** Louisiana: the account that makes documents official. */
  officialBy?: string;
  /** New York City: the account that reported the first attends. */
  attendedBy?: string;
}

/** LEAs of San Joaquin County besides the three with accounts: two providers each, who don't sign in. */
const OTHERS: readonly [key: string, leaId: string][] = [
  ['sjcoe', 'ca-39103970000000'],
  ['escalon', 'ca-39685020000000'],
  ['lincoln', 'ca-39685690000000'],
  ['linden', 'ca-39685770000000'],
  ['tracy', 'ca-39754990000000'],
  ['lammersville', 'ca-39767600000000'],
  ['newhope', 'ca-39686190000000'],
  ['stockton', 'ca-39686760000000'],
];
const OTHER_COUNTS: Counts = { current: 5, draft: 1, reviewLate: 1, overdueAnnual: 1, pending: 1, noLongerEligible: 1 };

/** The overdue ones are about one in twelve of the active students. */
export const DISTRIBUTION: readonly LeaPlan[] = [
  {
    key: 'ripon',
    leaId: 'ca-39686500000000',
    movedFrom: 'ca-39685930000000',
    caseManagers: ['teacher2.ripon', 'teacher.ripon', 'teacher2.ripon', 'teacher2.ripon'],
    specialists: ['provider.ripon', 'provider2.ripon', 'provider2.ripon'],
    // prettier-ignore
    counts: {
      referred: 3, pending: 3, pendingDraft: 3, pendingReview: 1, current: 22, draft: 6, draftIncomplete: 3,
      reviewRecent: 4, reviewLate: 2, reviewAwaiting: 1, amendedDraft: 2, amended: 3, amendmentRefused: 2,
      offerUnsigned: 1, overdueAnnual: 3, overdueTriennial: 2, doNotReport: 2, movedIn: 4, declined: 2,
      ceased: 1, notEnrolled: 1, ineligible: 3, graduated: 2, noLongerEligible: 1, movedOut: 1,
      consentRefused: 1, jurisdictionClosed: 1,
    },
  },
  {
    key: 'manteca',
    leaId: 'ca-39685930000000',
    movedFrom: 'ca-39685850000000',
    caseManagers: ['teacher2.manteca', 'teacher.manteca', 'teacher2.manteca', 'teacher2.manteca', 'teacher2.manteca'],
    specialists: ['provider.manteca', 'provider2.manteca'],
    // prettier-ignore
    counts: {
      referred: 4, pending: 4, pendingDraft: 3, pendingReview: 2, current: 30, draft: 8, draftIncomplete: 3,
      reviewRecent: 3, reviewLate: 3, reviewAwaiting: 1, amendedDraft: 3, amended: 3, amendmentRefused: 2,
      offerUnsigned: 1, overdueAnnual: 4, overdueTriennial: 2, doNotReport: 3, movedIn: 4, declined: 3,
      ceased: 2, notEnrolled: 1, ineligible: 3, graduated: 2, noLongerEligible: 2, movedOut: 1,
      consentRefused: 1, jurisdictionClosed: 2,
    },
  },
  {
    key: 'lodi',
    leaId: 'ca-39685850000000',
    caseManagers: ['teacher.lodi', 'teacher2.lodi'],
    specialists: ['provider.lodi', 'provider2.lodi'],
    // prettier-ignore
    counts: {
      referred: 2, pending: 2, pendingDraft: 2, pendingReview: 1, current: 22, draft: 5, draftIncomplete: 2,
      reviewRecent: 2, reviewLate: 2, amendedDraft: 1, amended: 2, amendmentRefused: 1, overdueAnnual: 3,
      overdueTriennial: 1, doNotReport: 2, declined: 2, ceased: 1, ineligible: 2, graduated: 1,
      noLongerEligible: 2, consentRefused: 1, jurisdictionClosed: 1,
    },
  },
  ...OTHERS.map(([key, leaId]): LeaPlan => {
    const staff = [`staff1.${key}`, `staff2.${key}`];
    return { key, leaId, counts: OTHER_COUNTS, caseManagers: [staff[0]!], specialists: [staff[1]!] };
  }),
  {
    key: 'acadia',
    leaId: 'la-001',
    caseManagers: ['teacher.acadia'],
    specialists: ['provider.acadia'],
    officialBy: 'submitter.acadia',
    // prettier-ignore
    counts: {
      referred: 2, pending: 3, pendingDraft: 2, pendingReview: 1, submitted: 9, current: 8, draft: 2,
      draftIncomplete: 1, reviewRecent: 1, amendedDraft: 1, amended: 1, overdueAnnual: 2, overdueTriennial: 1,
      declined: 1, ineligible: 1, graduated: 1, noLongerEligible: 1, jurisdictionClosed: 2,
    },
  },
  {
    key: 'nyc1',
    leaId: 'ny-d01',
    caseManagers: ['teacher.nyc'],
    attendedBy: 'doe.provider.nyc',
    specialists: ['doe.provider.nyc', 'agency.provider.nyc', 'independent.provider.nyc'],
    // prettier-ignore
    counts: {
      referred: 1, pending: 2, pendingDraft: 1, current: 8, draft: 2, reviewRecent: 1, overdueAnnual: 1,
      mandated: 6, mandatedAndAttended: 6, noLongerEligible: 1, graduated: 1,
    },
  },
];
