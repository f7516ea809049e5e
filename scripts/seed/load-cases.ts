import { newId } from '../../platform/ids';
import type { Session } from '../../platform/scope/session';
import { loadEvaluations, loadIeps } from '../../subgraphs/iep/document/load-ieps';
import { FactService } from '../../subgraphs/reporting/fact/fact.service';
import { FirstAttendRepository } from '../../subgraphs/services/caseload/first-attend.repository';
import { loadServices } from '../../subgraphs/services/load-services';
import { loadStudents } from '../../subgraphs/students/student/load-students';
import type { FirstAttendCase, StudentCase } from './student-case';

/**
 * Hands the parts of some hundred cases to the bulk doors of their subgraphs and computes what reports read of them. In one
 * write transaction of a system session: a student is there with everything, or not at all.
 */
export async function loadCases(session: Session, cases: readonly StudentCase[]): Promise<void> {
  await loadStudents(
    session,
    cases.map(({ student }) => student),
  );
  await loadIeps(
    session,
    cases.flatMap(({ documents }) => documents),
  );
  await loadEvaluations(
    session,
    cases.flatMap(({ evaluations }) => evaluations),
  );
  await loadServices(
    session,
    cases.map(({ services }) => services),
  );
  for (const attend of cases.flatMap(({ firstAttends }) => firstAttends)) await loadFirstAttend(session, attend);
  await session.get(FactService).recompute(cases.map(({ student }) => student.id));
}

async function loadFirstAttend(session: Session, attend: FirstAttendCase): Promise<void> {
  const reportedAt = new Date(`${attend.attendedOn}T23:00:00Z`);
  await session.get(FirstAttendRepository).insert({
    ...attend,
    id: newId(),
    reportedAt: reportedAt < session.now ? reportedAt : session.now,
    confirmationNumber: `FA-${attend.serviceId.replace(/^svc-/, '').slice(-16)}`.toUpperCase(),
  });
}
