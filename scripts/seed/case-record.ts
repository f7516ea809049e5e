import { addDays, ageOn, type CalendarDay } from '../../platform/dates';
import type { EvaluationBundle } from '../../subgraphs/iep/document/load-ieps';
import { IepState, MeetingKind, MeetingPurpose, SignatureOutcome } from '../../subgraphs/iep/document/iep-codes';
import type { DisabilityCategory, FederalEnvironment } from '../../subgraphs/iep/form/form-codes';
import type { LoadedAssignment } from '../../subgraphs/services/load-services';
import type { TerminationReason } from '../../subgraphs/services/service/service.enums';
import type { ExitReason } from '../../subgraphs/students/status/exit-reasons';
import { type PlannedService, servicesFor } from './needs';
import type { Random } from './random';
import type { DocumentCase, Lea, Person, Placement, ServiceCase, Staff, StudentCase } from './student-case';
import { amendment, goalsFor, notes, offer, participants, presentLevels, type Subject } from './wording';

/** Who works with a student at an LEA. */
export interface Team {
  caseManager: Staff;
  /** Null for a service that nobody has taken on yet. */
  providerFor(code: string): Staff | null;
}

export interface Beginning {
  random: Random;
  now: Date;
  today: CalendarDay;
  person: Person;
  placement: Placement;
  team: Team;
  disability: DisabilityCategory;
  environment: FederalEnvironment;
  /** Louisiana's writers make official what case managers attest elsewhere. */
  affirmedBy?: Staff & { path: 'MAKE_OFFICIAL' };
}

const PURPOSES: Record<MeetingKind, MeetingPurpose> = {
  PART_C_INITIAL: MeetingPurpose.INITIAL,
  PART_C_TO_B_INITIAL: MeetingPurpose.INITIAL,
  PART_B_INITIAL: MeetingPurpose.INITIAL,
  TRIENNIAL: MeetingPurpose.TRIENNIAL,
  ANNUAL: MeetingPurpose.ANNUAL,
  THIRTY_DAY: MeetingPurpose.INTERIM,
  AMENDMENT: MeetingPurpose.AMENDMENT,
};

/** The record of one student as it grows: what the acts of `CaseStory` are made of. */
export abstract class CaseRecord {
  protected readonly told: StudentCase;
  protected readonly key: string;
  private lea: Lea;
  protected team: Team;

  constructor(protected readonly start: Beginning) {
    const { person, placement, team } = start;
    this.key = person.id.replace(/^stu-/, '');
    this.team = team;
    this.lea = placement.lea;
    const student = { ...person, jurisdictions: [], statuses: [], spedActivities: [] };
    const services = { studentId: person.id, leaId: placement.lea.id, services: [], assignments: [] };
    this.told = { student, documents: [], evaluations: [], services, firstAttends: [] };
    this.place(placement);
  }

  /** The record as it stands today. */
  finish(): StudentCase {
    for (const document of this.documents) {
      if (document.affirmed) document.services = this.publishedServices(document.id);
    }
    return this.told;
  }

  protected get documents(): DocumentCase[] {
    return this.told.documents;
  }
  protected get current(): DocumentCase | null {
    return this.documents.find((document) => document.state === 'CURRENT') ?? null;
  }
  /** The plan that is in force: the last one that was agreed to. */
  protected get inForce(): DocumentCase | null {
    return this.documents.findLast((document) => document.affirmed && document.agreed) ?? null;
  }
  protected get activeServices(): ServiceCase[] {
    return this.told.services.services.filter((service) => service.state === 'ACTIVE');
  }
  protected get subject(): Subject {
    const { person, disability, environment } = this.start;
    return { person, disability, environment, leaName: this.lea.name, caseManager: this.team.caseManager };
  }

  protected place({ lea, school, beginDate }: Placement): void {
    const { jurisdictions, localId } = this.told.student;
    const { selpaId, stateOrgId } = lea;
    const id = `jur-${this.key}-${jurisdictions.length + 1}`;
    jurisdictions.push({
      id,
      leaId: lea.id,
      selpaId,
      stateOrgId,
      schoolId: school.id,
      schoolKind: school.kind,
      localId,
      beginDate,
    });
    this.lea = lea;
    this.told.services.leaId = lea.id;
  }

  protected manageFrom(on: CalendarDay): void {
    const { caseManager } = this.team;
    // A case manager is one of the student's providers (SEIS-38, V-020).
    this.assign('PROVIDER', caseManager, on, null);
    this.assign('CASE_MANAGER', caseManager, on, null);
  }

  private assign(
    role: LoadedAssignment['role'],
    { providerId, accountId }: Staff,
    validFrom: CalendarDay,
    serviceId: string | null,
  ): void {
    this.told.services.assignments.push({ role, providerId, accountId, leaId: this.lea.id, serviceId, validFrom });
  }

  protected addEvaluation(evaluation: Omit<EvaluationBundle, 'id' | 'studentId'>): void {
    const { evaluations, student } = this.told;
    evaluations.push({ id: `eva-${this.key}-${evaluations.length + 1}`, studentId: student.id, ...evaluation });
  }

  protected addDocument(
    kind: MeetingKind,
    state: IepState,
    openedOn: CalendarDay,
    meetingDate: CalendarDay | null,
    signature: SignatureOutcome | null,
  ): DocumentCase {
    const { subject } = this;
    const { random } = this.start;
    const document: DocumentCase = {
      id: `iep-${this.key}-${this.documents.length + 1}`,
      studentId: this.told.student.id,
      state,
      kind,
      openedOn,
      meetingDate,
      forms: {
        presentLevels: presentLevels(random, subject),
        offer: offer(random, subject),
        participants: participants(subject, signature, meetingDate),
        notes: notes(subject),
      },
      goals: goalsFor(random, subject, ageOn(subject.person.dateOfBirth, meetingDate ?? openedOn)),
    };
    this.documents.push(document);
    return document;
  }

  /** A held and affirmed document; the one before becomes history (SEIS-50). */
  protected affirm(
    kind: MeetingKind,
    on: CalendarDay,
    signature: SignatureOutcome,
    values: Partial<DocumentCase> = {},
  ): DocumentCase {
    const former = this.current;
    if (former) former.state = 'HISTORY';
    const document = this.addDocument(
      kind,
      IepState.CURRENT,
      addDays(on, -this.start.random.int(10, 30)),
      on,
      signature,
    );
    const affirmed = this.affirmation(addDays(on, this.start.random.int(0, 5)));
    return Object.assign(document, {
      purposes: [PURPOSES[kind]],
      agreed: signature === SignatureOutcome.AGREE_ALL,
      affirmed,
      ...values,
    });
  }

  protected affirmation(wanted: CalendarDay): NonNullable<DocumentCase['affirmed']> {
    const { now, today, affirmedBy } = this.start;
    const on = wanted > today ? today : wanted;
    const afternoon = new Date(`${on}T22:00:00Z`);
    const { accountId, providerId, name } = affirmedBy ?? this.team.caseManager;
    return {
      at: afternoon < now ? afternoon : now,
      on,
      byId: accountId ?? providerId,
      byName: name,
      path: affirmedBy?.path ?? 'AFFIRM',
    };
  }

  protected addAmendment(state: IepState, openedOn: CalendarDay, signature: SignatureOutcome | null): DocumentCase {
    const parent = this.current!;
    if (state === IepState.CURRENT) parent.state = 'HISTORY';
    const document = this.addDocument(MeetingKind.AMENDMENT, state, openedOn, parent.meetingDate!, signature);
    document.forms!.amendment = amendment(openedOn);
    const isOpen = state === IepState.AMENDED_DRAFT;
    const amendmentNumber = (parent.amendmentNumber ?? 0) + 1;
    return Object.assign(document, {
      parentIepId: parent.id,
      amendmentNumber,
      purposes: isOpen ? [] : [PURPOSES.AMENDMENT],
      agreed: state === IepState.CURRENT,
    });
  }

  protected plannedOn(on: CalendarDay): PlannedService[] {
    return servicesFor(this.start.random, this.start.disability, ageOn(this.start.person.dateOfBirth, on));
  }

  protected serve(
    { code, frequency, minutes, delivery, location }: PlannedService,
    document: DocumentCase,
    startDate: CalendarDay,
    state: ServiceCase['state'] = 'ACTIVE',
  ): ServiceCase {
    const { services } = this.told.services;
    const provider = this.team.providerFor(code);
    const id = `svc-${this.key}-${services.length + 1}`;
    const service: ServiceCase = {
      id,
      iepId: document.id,
      earlierPlans: [],
      leaId: this.lea.id,
      code,
      state,
      frequency,
      minutes,
      delivery,
      location,
      startDate,
      providerId: provider?.providerId ?? null,
    };
    services.push(service);
    if (provider && state === 'ACTIVE') this.assign('PROVIDER', provider, startDate, id);
    return service;
  }

  protected propose(document: DocumentCase, startDate: CalendarDay): void {
    for (const planned of this.plannedOn(startDate)) this.serve(planned, document, startDate, 'PROPOSED');
  }

  protected endServices(on: CalendarDay, reason: TerminationReason): void {
    for (const service of this.told.services.services)
      if (service.state !== 'TERMINATED') this.endService(service, on, reason);
  }

  protected endService(service: ServiceCase, on: CalendarDay, terminationReason: TerminationReason): void {
    const endDate = on < service.startDate ? service.startDate : on;
    Object.assign(service, { state: 'TERMINATED', endDate, terminationReason });
    for (const assignment of this.told.services.assignments) {
      if (assignment.serviceId === service.id) assignment.validTo ??= endDate;
    }
  }

  protected endAssignments(on: CalendarDay): void {
    for (const assignment of this.told.services.assignments) assignment.validTo ??= on;
  }

  /** Opens the period in special education, unless one is open. */
  protected openActivity(entryOn: CalendarDay, iepId: string | null): void {
    const { spedActivities } = this.told.student;
    if (spedActivities.some((activity) => !activity.exitOn)) return;
    spedActivities.push({ id: `spd-${this.key}-${spedActivities.length + 1}`, entryOn, iepId });
  }

  protected endActivity(exitOn: CalendarDay, exitReason: ExitReason): void {
    const open = this.told.student.spedActivities.find((activity) => !activity.exitOn);
    if (open) Object.assign(open, { exitOn, exitReason });
  }

  /** The services of a plan as its attestation keeps them: as they stood when it was affirmed. */
  private publishedServices(iepId: string): DocumentCase['services'] {
    const listed = this.told.services.services.filter((service) =>
      [service.iepId, ...service.earlierPlans].includes(iepId),
    );
    const asItStood = { iepId, state: 'ACTIVE', endDate: null };
    return listed.map(({ id, code, doNotReport = false, frequency, minutes, delivery, location = null, startDate }) => {
      return { id, code, doNotReport, frequency, minutes, delivery, location, startDate, ...asItStood };
    });
  }
}
