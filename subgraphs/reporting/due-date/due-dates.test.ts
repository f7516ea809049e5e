import { computeDates, dueOn, type IepDates } from './due-dates';

const iep = (over: Partial<IepDates>): IepDates => ({
  id: 'i1',
  state: 'CURRENT',
  kind: 'ANNUAL',
  parentIepId: null,
  meetingDate: null,
  heldOn: null,
  openedOn: null,
  affirmedOn: null,
  planReviewDate: null,
  ...over,
});
const compute = (ieps: IepDates[], evaluations: string[] = [], status = 'ELIGIBLE_ACTIVE') =>
  computeDates({ status, stateOrgId: 'state-ca', ieps, evaluations });

describe('due dates', () => {
  test('T-07 the annual review is due on the anniversary of the plan review; leap years do not move it', () => {
    expect(compute([iep({ planReviewDate: '2024-02-28' })]).due.ANNUAL_REVIEW).toBe('2025-02-28');
    expect(compute([iep({ planReviewDate: '2024-02-29' })]).due.ANNUAL_REVIEW).toBe('2025-02-28');
    expect(compute([iep({ state: 'DRAFT', planReviewDate: '2025-05-01' })]).due.ANNUAL_REVIEW).toBeNull();
    expect(compute([iep({ planReviewDate: '2025-05-01' })], [], 'EXITED').due.ANNUAL_REVIEW).toBeNull();
  });

  test('T-08 the triennial counts from the last evaluation or waiver', () => {
    expect(compute([], ['2020-05-01', '2023-04-03', '2017-05-01']).due.TRIENNIAL_REVIEW).toBe('2026-04-03');
  });

  test('R-03 the last review is known with the day on which it was due', () => {
    const dates = compute(
      [
        iep({ planReviewDate: '2025-05-03' }),
        iep({ id: 'i0', state: 'HISTORY', planReviewDate: '2024-05-01' }),
        iep({ id: 'ia', state: 'HISTORY', kind: 'AMENDMENT', planReviewDate: '2024-05-01' }),
      ],
      ['2023-04-03', '2020-05-01'],
    );
    expect(dates.lastAnnual).toEqual({ due: '2025-05-01', held: '2025-05-03' });
    expect(dates.lastTriennial).toEqual({ due: '2023-05-01', held: '2023-04-03' });
  });

  test('T-14 affirm within seven days of the meeting', () => {
    const held = iep({ state: 'IN_REVIEW', meetingDate: '2026-02-03', heldOn: '2026-02-03', openedOn: '2026-01-05' });
    expect(compute([held]).due.AFFIRMATION).toBe('2026-02-10');
    expect(
      compute([iep({ state: 'DRAFT', meetingDate: '2026-02-03', openedOn: '2026-01-05' })]).due.AFFIRMATION,
    ).toBeNull();
  });

  test('T-14, T-16 C.2 a reactivated document counts from its reactivation, and has the sessions of its meeting', () => {
    const first = iep({ id: 'first', state: 'HISTORY', meetingDate: '2025-10-06', affirmedOn: '2025-10-07' });
    const replaced = iep({
      id: 'replaced',
      parentIepId: 'first',
      meetingDate: '2025-10-06',
      planReviewDate: '2025-10-06',
    });
    const again = iep({
      id: 'again',
      state: 'IN_REVIEW',
      parentIepId: 'first',
      reactivatesIepId: 'replaced',
      meetingDate: '2025-10-06',
      heldOn: '2025-10-20',
      openedOn: '2026-02-03',
    });
    const { due, sessions } = compute([first, replaced, again]);
    expect(due).toMatchObject({
      AFFIRMATION: '2026-02-10',
      OPEN_MEETING: '2026-05-04',
      // The replaced one stays in force, and its clock with it.
      ANNUAL_REVIEW: '2026-10-06',
    });
    expect(sessions).toBe(2);
  });

  test('T-14 SEIS-91 a continued meeting does not restart the clock of its first session', () => {
    const first = iep({ id: 'first', meetingDate: '2026-02-03', affirmedOn: '2026-02-04' });
    const second = iep({
      id: 'second',
      state: 'IN_REVIEW',
      parentIepId: 'first',
      meetingDate: '2026-02-20',
      heldOn: '2026-02-20',
      openedOn: '2026-02-04',
    });
    expect(compute([first, second])).toMatchObject({ due: { AFFIRMATION: '2026-02-10' }, sessions: 2 });
  });

  test('T-16 SIRAS-74 an open meeting is due 90 days after it was opened, an amendment too', () => {
    expect(
      compute([
        iep({ state: 'DRAFT', openedOn: '2026-01-05' }),
        iep({ id: 'i2', state: 'AMENDED_DRAFT', openedOn: '2026-02-01' }),
      ]).due.OPEN_MEETING,
    ).toBe('2026-04-05');
  });

  test('a date is overdue from the day after it; the most urgent stands first', () => {
    const due = { ANNUAL_REVIEW: '2026-02-10', TRIENNIAL_REVIEW: '2026-02-09', AFFIRMATION: null, OPEN_MEETING: null };
    expect(dueOn(due, '2026-02-10')).toEqual([
      { kind: 'TRIENNIAL_REVIEW', dueOn: '2026-02-09', overdue: true, daysLeft: -1, rule: 'T-08' },
      { kind: 'ANNUAL_REVIEW', dueOn: '2026-02-10', overdue: false, daysLeft: 0, rule: 'T-07' },
    ]);
  });
});
