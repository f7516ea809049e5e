/** What iep, services and reporting ask beyond the scoped repository. */
import { inFile } from '../guard';

const IEP = 'subgraphs/iep/iep-graph.test.ts';
const DOCUMENT = 'subgraphs/iep/document/iep.service.test.ts';
const FINDINGS = 'subgraphs/iep/validation/student-findings.test.ts';
const SCAN = 'subgraphs/iep/signed-copy/signed-copy.service.test.ts';
const DISCARD = 'subgraphs/iep/document/discard.service.test.ts';
const OWNERSHIP = 'subgraphs/services/ownership/ownership.service.test.ts';
const ASSIGNMENT = 'subgraphs/services/assignment/assignment.service.test.ts';
const CASELOAD = 'subgraphs/services/caseload/caseload.service.test.ts';
const PROVIDER = 'subgraphs/services/provider/provider.service.test.ts';
const SERVICE = 'subgraphs/services/service/service.service.test.ts';
const RECONCILIATION = 'subgraphs/services/reconciliation/reconciliation.test.ts';
const REPORTING = 'subgraphs/reporting/reporting.test.ts';
const REPORT = 'subgraphs/reporting/report/report.test.ts';
const SUPPRESS = 'subgraphs/reporting/child-count/suppress.test.ts';
const ROWS = 'test/attacks/rows.test.ts';

// prettier-ignore
export const RECORD_GUARDS = [
  ...inFile(
    'subgraphs/iep/document/open-scope.ts',
    ['an IEP is started for a student of today', 'return query.andWhere(`(${sql})`, parameters);', 'return sql && parameters ? query : query;', [DOCUMENT, 'an unknown student and one out of scope']],
    ['a student out of scope does not exist', "if (!row) throw notFound('The student');", '', [DOCUMENT, 'an unknown student and one out of scope'], 'What is made for the student is found in scope afterwards, or not made (`ScopedRepository.insert`).'],
  ),
  ...inFile(
    'subgraphs/iep/document/iep-access.ts',
    ['an IEP is found for a change', "if (!known) throw notFound('The IEP');", 'if (!known) return (await session.get(IepRepository).findById(id))!;', [IEP, 'A-41 C.3 no mutation']],
    ['an IEP is read again under the lock', "const iep = await session.get(IepRepository).findForChange(id);\n  if (!iep) throw notFound('The IEP');", 'const iep = known;', ['test/scenarios/concurrency.test.ts', 'two affirmations at once|an affirmation beside', 'mysql']],
    ['an open IEP of a former owner becomes the present owner’s', 'if (iep.futureOf) await redate(session, iep, await scopeDateOf(session, iep.studentId, iep.scopeDate));', '', [IEP, 'A-55 an open IEP']],
    ['forms are dated as their IEP', 'await session.get(FormRepository).redate(iep.id, scopeDate);', '', [IEP, 'A-55 the forms and goals']],
    ['goals are dated as their IEP', 'await session.get(GoalRepository).redate(iep.id, scopeDate);', '', [IEP, 'A-55 the forms and goals']],
  ),
  ...inFile('subgraphs/iep/document/affirmation.ts', [
    'V-001 only the case manager attests',
    'if (await this.session.get(PublishedRepository).isCaseManager(iep.studentId, subject, this.session.today))\n      return [];',
    'if (subject) return [];',
    [DOCUMENT, 'V-001'],
  ]),
  ...inFile('subgraphs/iep/document/affirming-roles.ts', [
    'who makes an IEP official has that role',
    "MAKES_OFFICIAL.includes(role) ? 'MAKE_OFFICIAL' : 'AFFIRM'",
    "role ? 'MAKE_OFFICIAL' : 'AFFIRM'",
    [DOCUMENT, 'V-001'],
  ]),
  ...inFile('subgraphs/iep/document/discard.service.ts', [
    'what is signed is not discarded',
    '    await this.assertUnsigned(iep);\n',
    '',
    [DISCARD, 'SEIS-53 what is signed'],
  ]),
  ...inFile(
    'subgraphs/iep/migrations/immutability.ts',
    ['an affirmed IEP is not removed', "refuse(1764200000102, 'iep_no_delete', 'DELETE', 'iep', alike(`OLD.state IN ${FROZEN}`)),", '', [IEP, 'affirmed content is immutable']],
    ['forms of an affirmed IEP stay', "...childTriggers(1764200000111, 'iep_form'),", '', [IEP, 'affirmed content is immutable']],
    ['goals of an affirmed IEP stay', "...childTriggers(1764200000121, 'iep_goal'),", '', [IEP, 'affirmed content is immutable']],
    ['attestations stay', "...writeOnce(1764200000131, 'iep_attestation'),", '', [IEP, 'affirmed content is immutable']],
    ['printed IEPs stay', "...writeOnce(1764200000141, 'iep_document'),", '', [IEP, 'affirmed content is immutable']],
    ['the pages of printed IEPs stay', "...writeOnce(1764200000151, 'iep_document_part'),", '', [IEP, 'the database refuses: .* iep_document_part']],
  ),
  ...inFile(
    'subgraphs/iep/migrations/reactivation.ts',
    ['an affirmed IEP is not changed', '    ...CONTENT.map(differs),\n', '', [IEP, 'affirmed content is immutable']],
    ['an affirmed IEP is not opened again', '`NEW.state NOT IN ${FROZEN}`,', "'1 = 0',", [IEP, 'affirmed content is immutable']],
    ['states of affirmed IEPs change by the table of C.2', "    ...NEVER.map(([from, to]) => `(OLD.state = '${from}' AND NEW.state = '${to}')`),\n", '', ['subgraphs/iep/document/late-agreement.service.test.ts', 'SEIS-49 the database opens']],
    ['signed copies stay', "...writeOnce(1766100000022, 'iep_signed_copy'),", '', [SCAN, 'SEIS-53 the database refuses']],
  ),
  ...inFile(
    'subgraphs/iep/migrations/keeping.ts',
    ['nothing takes the place of an attestation', "['iep_attestation', ['id'], ['iep_id']],", '', [IEP, 'SEIS-49, SEIS-51 no row takes']],
    ['nothing takes the place of a printed IEP', "['iep_document', ['id'], ['iep_id']],", '', [IEP, 'SEIS-49, SEIS-51 no row takes']],
    ['nothing takes the place of an affirmed IEP', "['iep', `kept.state IN ${KEPT}`, ['id'], ['current_of'], ['future_of']],", '', [IEP, 'SEIS-49, SEIS-51 no row takes']],
    ['nothing takes the place of an affirmed form', "['iep_form', OF_KEPT_IEP, ['id'], ['iep_id', 'kind']],", '', [IEP, 'SEIS-49, SEIS-51 no row takes']],
    ['nothing takes the place of an affirmed goal', "['iep_goal', OF_KEPT_IEP, ['id']],", '', [IEP, 'SEIS-49, SEIS-51 no row takes']],
    ['a student has one current IEP from its first row on', "oneCurrent(1768400000041, 'INSERT'),", '', [IEP, 'SEIS-50 a current IEP names']],
    ['a student has one current IEP whatever changes', "oneCurrent(1768400000042, 'UPDATE'),", '', [IEP, 'SEIS-50 a current IEP names']],
  ),
  ...inFile(
    'subgraphs/iep/migrations/discard.ts',
    ['a discarded draft is not changed', "refuse(1768100000011, 'iep_discarded_no_change', 'UPDATE', 'iep', alike(\"OLD.state = 'DISCARDED'\"), DISCARDED),", '', [DISCARD, 'V-014 a discarded draft']],
    ['a discarded draft is not removed', "refuse(1768100000012, 'iep_discarded_no_delete', 'DELETE', 'iep', alike(\"OLD.state = 'DISCARDED'\"), DISCARDED),", '', [DISCARD, 'V-014 a discarded draft']],
    ['parts of a discarded draft stay', "(['iep_form', 'iep_goal'] as const).flatMap", '([] as readonly string[]).flatMap', [DISCARD, 'V-014 a discarded draft']],
  ),
  ...inFile(
    'subgraphs/iep/published/published.repository.ts',
    ['a former district learns nothing of what is open now', ".where(`(${sql})`, parameters)\n      .andWhere('s.id IN", ".where('s.id IN", [FINDINGS, 'null for a student']],
    ['a case manager is one of today', " AND role = 'CASE_MANAGER' AND revoked_at IS NULL\"", " AND role = 'CASE_MANAGER'\"", [DOCUMENT, 'V-001']],
    ['who only serves a student manages no case', " AND account_id = ? AND role = 'CASE_MANAGER'", " AND account_id = ? AND role <> ''", [DOCUMENT, 'V-001']],
    ['a former owner prints its own name', "' AND (j.end_date IS NULL OR j.end_date >= ?) ORDER BY", "' AND (? IS NOT NULL) ORDER BY 1 - j.begin_date, ", [IEP, 'SEIS-53, SEIS-68'], 'Removing the day leaves a document of the former owner’s time under the name of the first owner on file, whom whoever reads the document knows as well: a wrong letterhead, no disclosure.'],
  ),
  ...inFile(
    'subgraphs/iep/signed-copy/signed-copy.service.ts',
    ['a draft is not signed', 'if (iep.state === IepState.DRAFT)', 'if (!iep.state)', [SCAN, 'SEIS-53 not on a draft']],
    ['what is attached later is the new owner’s', 'const scopeDate = await scopeDateOf(session, studentId, iep.scopeDate);', 'const { scopeDate } = iep;', [SCAN, 'C.3 what the new owner attaches']],
    ['one answer holds a few scans', 'if (this.answered > ANSWER_BYTES)', 'if (this.answered < 0)', [SCAN, 'SEIS-53 one answer']],
  ),
  ...inFile(
    'subgraphs/services/ownership/ownership.service.ts',
    ['a student without rights to it does not exist', "if (rights.length === 0) throw notFound('The student');", '', [SERVICE, 'A-61|A-37|SER-108 bad input']],
    ['only the owner changes services', 'if (leas.includes(null) || leas.includes(owner.leaId)) return owner;', 'if (leas.length > 0) return owner;', [OWNERSHIP, 'a case manager of another LEA']],
    ['a relation that only reads changes nothing', 'right.open && CHANGING.includes(right.relation)', 'right.open', [OWNERSHIP, 'A-61 an LEA that only reads']],
    ['a former owner changes nothing', 'right.open && CHANGING.includes(right.relation)', 'CHANGING.includes(right.relation)', [OWNERSHIP, 'A-55']],
  ),
  ...inFile(
    'subgraphs/services/ownership/ownership.repository.ts',
    ['a right that was taken away is none', 'a.revokedAt IS NULL AND a.validFrom <= :today', 'a.validFrom <= :today', [OWNERSHIP, 'A-54']],
    ['a right to come is none yet', 'a.revokedAt IS NULL AND a.validFrom <= :today', 'a.revokedAt IS NULL', [OWNERSHIP, 'A-54']],
    ['a right is of the caller’s relation', 'grant.relation === row.relation &&\n            ', '', [OWNERSHIP, 'A-61 the rights of another']],
    ['another perspective’s cases are not this one’s', '&&\n            !(row.leaId !== null && grant.exceptLeas?.includes(row.leaId)),', ',', [OWNERSHIP, 'A-61 the rights of another']],
    ['names are told of students in scope', ".where(`(${sql})`, parameters)\n      .andWhere('s.id IN", ".where('s.id IN", [ASSIGNMENT, 'SER-115..121']],
    ['names that were told are recorded', "this.session.disclosures.add(\n      'student.demographics',", "[].concat.call(\n      'student.demographics',", [OWNERSHIP, '34 CFR 99.32']],
  ),
  ...inFile('subgraphs/services/service/plan.repository.ts', [
    'what a plan lacks is told of students of today',
    'where(`(${sql})`, parameters)',
    "where('1 = 1', parameters)",
    [RECONCILIATION, 'serviceReconciliation'],
  ]),
  ...inFile(
    'subgraphs/services/service/service.service.ts',
    ['a service hangs on a plan of its student', "if (!plan || plan.studentId !== studentId) throw notFound('The IEP');", "if (!plan) throw notFound('The IEP');", [ROWS, 'A-57 nor does a service']],
    ['V-045 a student who is leaving gets no service', 'if (owner.endDate) {', 'if (owner.endDate === undefined) {', [OWNERSHIP, 'V-045']],
    ['V-013 an affirmed plan takes no service', "if (plan.state === 'CURRENT')\n      throw", "if (plan.state === 'CURRENT') return ServiceState.ACTIVE;\n    if (plan.state === 'NEVER')\n      throw", [SERVICE, 'V-013 V-014']],
    ['services before the own period are the former owner’s', 'if (input.startDate < owner.beginDate) {', 'if (!owner.beginDate) {', [SERVICE, 'A-54|F3|SER-108']],
    ['who delivered a service that ended loses the student', 'if (ending.length > 0) await this.session.get(AssignmentAccess).end(ending, lastDay);', '', [SERVICE, 'SER-110..112']],
  ),
  ...inFile(
    'subgraphs/services/assignment/assignment.access.ts',
    ['the last assignment takes the access along', 'for (const row of distinctAccess(rows)) await this.settle(row);', '', [ASSIGNMENT, 'SEIS-18 assigning']],
    ['no access outlives the period of its LEA', 'return lastDay !== null && (validTo === null || lastDay < validTo) ? lastDay : validTo;', 'return lastDay !== null ? validTo : validTo;', [ASSIGNMENT, 'A-54 C.3']],
  ),
  ...inFile(
    'subgraphs/services/assignment/assignment.service.ts',
    ['a student is assigned by its owner', 'const owner = await this.session.get(OwnershipService).assertMayChange(studentId);\n    const validFrom', 'const owner = (await this.session.get(OwnershipRepository).owner(studentId))!;\n    const validFrom', [ASSIGNMENT, 'SEIS-18|F3']],
    ['a provider whom nothing shows does not exist', '!(await providers.findVisible(providerId)) && !(await this.serves(providerId, studentId))', '!provider', [PROVIDER, 'V-067 A-41']],
    ['who may not serve a student is not given it', 'if (await providers.mayServe(providerId, [owner.leaId])) return provider;', 'return provider;', [PROVIDER, 'V-067 SESIS-04']],
    ['V-067 a provider delivers what it is permitted to', 'if (!isPermitted(provider, code)) {', 'if (!provider) {', [ASSIGNMENT, 'SER-115..121']],
    ['V-019 a case has one manager', "if (open.some((row) => row.role === 'CASE_MANAGER' && row.providerId !== provider.id)) {", 'if (!open) {', [ASSIGNMENT, 'SEIS-38']],
  ),
  ...inFile(
    'subgraphs/services/caseload/caseload.service.ts',
    ['looks of providers are counted', "if (path === 'SELF') await countSelfAdds(this.session.principal.subject, candidates.length);", '', [CASELOAD, 'SESIS-19 A-43']],
    ['looks of first attends are counted', '    await countSelfAdds(this.session.principal.subject, 1);\n', '', [CASELOAD, 'SESIS-19 A-43']],
    ['SESIS-21 only some kinds add themselves', '!MAY_ADD_THEMSELVES.includes(provider.kind)', '!provider.kind', [CASELOAD, 'SESIS-21']],
    ['who adds itself has the right to', "!this.can('caseload:self-add') || ", '', [CASELOAD, 'SESIS-21 whoever adds itself']],
    ['V-068 a supervisor supervises', "!provider || !this.can('caseload:supervise')", '!provider', [CASELOAD, 'V-068 a provider is no supervisor']],
    ['a supervisor has providers of its own', '(await providers.findVisible(providerId)) && (await providers.hold(providerId))', 'await providers.hold(providerId)', [CASELOAD, 'SESIS-03']],
    ['V-068 a supervisor adds students of its own', "if (path === 'SUPERVISOR' && !(studentId && (await this.reaches(studentId)))) return refused('V-068');", '', [CASELOAD, 'SESIS-03']],
    ['V-066 an LEA that the provider does not work for has no mandate for it', '!owner || !(await providers.areRelated(provider.organizationId, owner.leaId))', '!owner', [CASELOAD, 'SESIS-16 SESIS-19']],
    ['V-069 somebody else’s first attend opens nothing', 'const own = reports.filter((report) => report.providerId === providerId);', 'const own = reports.filter(() => providerId);', [CASELOAD, 'SESIS-16 V-069']],
    ['a self-add needs a first attend', "path === 'SELF' ? await this.firstAttended(services, provider) : services", "path === 'SELF' ? services : services", [CASELOAD, 'SESIS-16 SESIS-19 V-069']],
    ['a student who comes onto a caseload is recorded', "    this.session.disclosures.add('caseload', [studentId]);\n    return { asked, outcome: 'ADDED'", "    return { asked, outcome: 'ADDED'", [CASELOAD, 'SESIS-03']],
  ),
  ...inFile(
    'subgraphs/services/provider/provider.repository.ts',
    ['providers are changed within reach', "return this.select().where(withinOrganization('t.organization_id', ':callerOrganization'), {", "return this.select().where('1 = 1', {", [PROVIDER, 'V-068 A-41']],
    ['providers are listed within reach', "`(t.account_id = :callerAccount OR ${withinOrganization('t.organization_id', ':callerOrganization')})`", "'1 = 1'", [ASSIGNMENT, 'providers are listed']],
    ['who may serve works where the students are', '`t.active = :atWork AND ${MAY_SERVE}`', "'t.active = :atWork'", [PROVIDER, 'V-067']],
    ['who has left serves nobody', '`t.active = :atWork AND ${MAY_SERVE}`', 'MAY_SERVE', [PROVIDER, 'V-067|V-019']],
    ['without an LEA nobody serves', "if (servedLeas.length === 0) return this.select().where('1 = 0');", "if (servedLeas.length === 0) return this.select().where('1 = 1');", [PROVIDER, 'V-067']],
  ),
  ...inFile(
    'subgraphs/services/provider/directory.repository.ts',
    ['providers are entered within reach', "this.places().where('o.id = :id', { id }).andWhere(sql, parameters).getRawOne<Place>()) ?? null;", "this.places().where('o.id = :id', { id }).setParameters(sql ? parameters : {}).getRawOne<Place>()) ?? null;", [PROVIDER, 'V-068 A-41']],
    ['accounts of others do not exist', '(g.active = 1 OR a.active = 0) AND ${sql})`', '(g.active = 1 OR a.active = 0))`', [PROVIDER, 'SEIS-08']],
  ),
  ...inFile(
    'subgraphs/services/provider/provider.service.ts',
    ['who may serve a student is told to whom assigns', "this.session.principal.capabilities.includes('assignment:write')", "'assignment:write'.length > 0", [PROVIDER, 'V-067']],
    ['who may serve a student is told of students of today', 'mayAssign && (await ownership.rights(assignableTo)).some((right) => right.open)', 'mayAssign', [PROVIDER, 'V-067']],
    ['staff numbers that are tried are counted', 'await countStaffId(this.session.principal.subject);', '', [PROVIDER, 'A-43']],
    ['a staff number does not tell whose it is', 'throw inReach ? staffIdTaken(holder.displayName) : staffIdTaken();', 'throw staffIdTaken(inReach ? holder.displayName : holder.displayName);', [PROVIDER, 'X7 B.4']],
    ['who has students does not leave', "await this.assertServesNobody(provider, 'A provider who has left serves nobody:');", '', [PROVIDER, 'V-019 SER-115']],
    ['access does not move between accounts', "if (accountMoves) await this.assertServesNobody(provider, 'Access to students does not move between accounts:');", '', [PROVIDER, 'providers on']],
    ['an account has one provider', 'if (other?.active && other.id !== providerId)', 'if (!other && providerId === null)', [PROVIDER, 'SEIS-08']],
  ),
  ...inFile(
    'subgraphs/services/reassignment/reassignment.service.ts',
    ['providers whom nothing shows do not exist', '(await this.session.get(ProviderRepository).findVisible(id)) !== null || (await this.isShown(id, studentIds));', 'id !== studentIds[0];', [ASSIGNMENT, 'SER-115..121']],
    ['a name is told to whom may read it', '(mayName && name) || studentId', 'name || studentId', [OWNERSHIP, 'V-063']],
  ),
  ...inFile(
    'subgraphs/reporting/report/report-run.repository.ts',
    ['a report is its owner’s', "'r.owner = :subject AND r.perspective", "'r.perspective", [REPORT, 'A-61 only the owner']],
    ['a report is its perspective’s', ' AND r.perspective = :perspective AND r.expiresAt', ' AND r.expiresAt', [REPORT, 'A-61 only the owner']],
    ['a report is kept for 14 days', 'r.perspective = :perspective AND r.expiresAt > :now', 'r.perspective = :perspective', [REPORT, 'SER-128 deleting']],
  ),
  ...inFile(
    'subgraphs/reporting/report/report.service.ts',
    ['a report closes with the first student that leaves', 'if (rows.length !== end - start) throw runAgain();', '', [REPORT, 'A-62']],
    ['a report closes with the rights to its columns', 'if (!columns.every((column) => this.session.principal.capabilities.includes(column.capability))) throw runAgain();', '', [REPORT, 'columns follow|a run computes']],
    ['columns are those of the runner', 'columns: allowedColumns(kind, this.session.principal.capabilities),', "columns: allowedColumns(kind, ['student:read', 'student.demographics:read', 'iep:read', 'service:read', 'evaluation:read', 'report:read', 'provider:read']),", [REPORT, 'columns follow']],
    ['formulas of people’s making are none', 'escape_formulas: true', 'escape_formulas: false', [REPORT, 'SER-126']],
  ),
  ...inFile(
    'subgraphs/reporting/report/report-worker.ts',
    ['a run has the rights of now', "if (!principal?.capabilities.includes('report:read'))", 'if (!principal)', [REPORT, 'a run computes']],
    ['a run has the columns of now', 'if (!run.columns.every((key) => allowed.includes(key)))', 'if (!allowed)', [REPORT, 'a run computes']],
    ['what a run reads is recorded', "await audit.append('disclosure', disclosureRecord(principal, where, session.disclosures));", '', ['test/scenarios/disclosure.test.ts', 'a report that cannot be recorded']],
  ),
  ...inFile(
    'subgraphs/reporting/child-count/child-count.service.ts',
    ['a partner sees suppressed counts', "kind === 'staff' && level !== 'partner' && reads", 'reads', [REPORTING, 'suppressed for a partner']],
    ['staff without the rights to the rows see suppressed counts', "kind === 'staff' && level !== 'partner' && reads", "kind === 'staff'", [REPORTING, 'suppressed for a partner']],
    ['suppressed counts are of the last count days', 'if (!seesExactCounts && !days.includes(on))', 'if (!seesExactCounts && !days)', [REPORTING, 'for whom counts are suppressed']],
    ['a slice is of the published table', 'const mine = rows.filter((row) => row.keys[dimensions.indexOf(slice)] === organizationId);', 'const mine = (await this.exact(on, dimensions, organizationId)).rows;', ['test/scenarios/counts.test.ts', '5 slices']],
    ['the same cell is hidden in whatever order it is asked for', 'Object.values(CountDimension).filter((each) => groupBy.includes(each) || each === slice)', '[...new Set([...groupBy, ...(slice ? [slice] : [])])]', ['test/scenarios/counts.test.ts', '5 the same question'], 'The choice of hidden cells depends on the counts alone, not on the order of dimensions (`suppress`); one order makes that easy to see.'],
  ),
  ...inFile(
    'subgraphs/reporting/child-count/suppress.ts',
    ['small counts are hidden', 'if (isSmall(count, threshold)) table.hidden[index] = true;', '', [SUPPRESS]],
    ['a hidden cell does not follow from its line', 'for (const line of lines) if (protectLine(table, line, threshold)) changed = true;', 'for (const line of lines) if (!line) changed = true;', [SUPPRESS]],
    ['hidden cells sum to the threshold', 'number >= 2 && (sum >= threshold || counts[index] === 0)', 'number >= 2', [SUPPRESS]],
    ['two cells of a line are hidden', 'number >= 2 && (sum', '(sum', [SUPPRESS]],
    ['no hidden cell follows by linear algebra', 'while (table.lengths.length === 2 && breakBridge(table, sums[1]!, sums[0]!));', 'while (table.lengths.length < 0);', [SUPPRESS]],
    ['what is hidden in the sums stays hidden', 'sumHidden: smaller.hidden[i]! }', 'sumHidden: false }', [SUPPRESS]],
    ['a small total is hidden', 'isSmall(total, threshold) ? null : total', 'total', [SUPPRESS]],
    ['the threshold is 11', 'SUPPRESSION_THRESHOLD = 11;', 'SUPPRESSION_THRESHOLD = 2;', [SUPPRESS]],
    ['a sparse table is hidden', 'count: null, suppressed: true })', 'count: cell.count, suppressed: false })', [SUPPRESS, '50,000']],
  ),
];
