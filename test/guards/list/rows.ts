/** What decides which rows a caller has: the predicate, the scoped repository, the epoch, the guard of the driver. */
import { inFile } from '../guard';

const PLATFORM = 'platform/platform.test.ts';
const SUBGRAPH = 'platform/subgraph/create-subgraph.test.ts';
const REPOSITORIES = 'test/attacks/repositories.test.ts';
const SETTLED = 'subgraphs/reporting/fact/settled-right.test.ts';
const IEP = 'subgraphs/iep/iep-graph.test.ts';
const REPLICA = 'test/scenarios/replica.test.ts';
const JURISDICTION = 'subgraphs/students/jurisdiction/jurisdiction.service.test.ts';

// prettier-ignore
export const ROW_GUARDS = [
  ...inFile(
    'platform/scope/row-scope.ts',
    ['without grants there are no rows', 'return { sql: NONE, parameters: {} };', "return { sql: '1 = 1', parameters: {} };", [PLATFORM, 'A-58']],
    ['a right is to its own student', 'WHERE sa.student_id = ${columns.student} AND ${rows.open}', 'WHERE ${rows.open}', [SUBGRAPH, 'row predicate']],
    ['a right is of its own relation', '${alias}.relation = :${name}Relation${i} AND ', '', [SUBGRAPH, 'row predicate']],
    ['a right is of its own grantee', ' AND ${alias}.grantee IN (:...${name}Grantees${i})', '', [SUBGRAPH, 'row predicate']],
    ['a row that came through another perspective’s LEA does not count', 'if (exceptLeas.length === 0) return `(${pair})`;', 'return `(${pair})`;', [SUBGRAPH, 'row predicate']],
    ['a right that was taken away does not count', '${alias}.revoked_at IS NULL AND ', '', [SUBGRAPH, 'row predicate']],
    ['a right to come does not count yet', ' AND ${alias}.valid_from <= :${day}', '', [SUBGRAPH, 'row predicate']],
    ['a right past its last day does not count', ' AND (${alias}.valid_to IS NULL OR ${alias}.valid_to >= :${day})', '', [SUBGRAPH, 'row predicate']],
    ['what is lent ends with the grant', 'until >= day ? from : []', 'from', [JURISDICTION, 'A-54 a partner that is lent']],
    ['outdated rights find nothing', ' AND EXISTS (SELECT 1 FROM principal_epoch pe WHERE pe.subject = :${name}Subject AND pe.epoch = :${name}Epoch)', '', [SUBGRAPH, 'row predicate']],
    ['the epoch is the caller’s own', 'pe.subject = :${name}Subject AND ', '', [SUBGRAPH, 'row predicate']],
    ['only who owned a student keeps a period', "relation === 'JURISDICTION' ? grantees : []", 'grantees', [SUBGRAPH, 'row predicate']],
    ['only LEA and SELPA keep a period', '.filter((grantee) => /^(LEA|SELPA):/.test(grantee))', '', [SUBGRAPH, 'row predicate']],
    ['a former owner keeps its own students', 'fo.student_id = ${student} AND ', '', [SUBGRAPH, 'row predicate']],
    ['a closed right of another relation keeps nothing', "fo.relation = 'JURISDICTION'", '1 = 1', [SUBGRAPH, 'row predicate']],
    ['a period is of its own owner', ' AND fo.grantee IN (:...${name}FormerOwners)', '', [SUBGRAPH, 'row predicate']],
    ['a period that was taken away is none', ' AND fo.revoked_at IS NULL', '', [SUBGRAPH, 'row predicate']],
    ['a period is one that is over', ' AND fo.valid_to < :${name}Today', '', [SUBGRAPH, 'row predicate']],
    ['a former owner sees nothing newer', ' AND ${from} <= fo.valid_to', '', [SUBGRAPH, 'row predicate']],
    ['a former owner sees nothing older', ' AND (${to} IS NULL OR ${to} >= fo.valid_from)', '', [SUBGRAPH, 'row predicate']],
    ['who is listed has an open right', '`${listed} AND ${rows.open})`', '`${listed})`', [SUBGRAPH, 'row predicate']],
    ['of a former owner the row is asked besides', '`${listed}) AND ${inScope}`', '`${listed})`', [SUBGRAPH, 'row predicate']],
    ['only a state’s jurisdiction, without exceptions, is copied', "relation === 'JURISDICTION' && exceptLeas.length === 0 ? grantees : []", 'grantees', [SETTLED, 'is nothing before']],
    ['a copied right is of the caller’s state', '${settled.grantee} IN (:...${name}States) AND ', '', [SETTLED, 'is nothing before']],
    ['a copied right counts from its first day', ' AND ${settled.from} <= :${name}Today', '', [SETTLED, 'is nothing before']],
  ),
  ...inFile(
    'subgraphs/reporting/migrations/settled-right.ts',
    ['a changed right takes its copy along', "statement(1770000000103, 'Unsettle_on_update', unsettle('UPDATE')),", '', [SETTLED, 'a right that was taken away']],
    ['a removed right takes its copy along', "statement(1770000000104, 'Unsettle_on_delete', unsettle('DELETE')),", '', [SETTLED, 'so does one']],
  ),
  ...inFile(
    'subgraphs/reporting/fact/fact-sources.repository.ts',
    ['a right with a last day, or that was taken away, is not copied', ' AND valid_to IS NULL AND revoked_at IS NULL', '', [SETTLED, 'tells an open right']],
    ['a right of another relation is not copied', "relation = 'JURISDICTION' AND", '1 = 1 AND', [SETTLED, 'tells an open right']],
  ),
  ...inFile(
    'platform/scope/scoped-repository.ts',
    ['reads pass the predicate', '.where(`(${sql})`, parameters);', ".where('1 = 1');", [SUBGRAPH, 'rows outside the scope do not exist']],
    ['an empty answer under outdated rights is no answer', 'if (found.length === 0) await assertFresh(this.session);', '', [SUBGRAPH, 'a principal of another epoch']],
    ['what was read is recorded', 'this.session.disclosures.add(\n      this.fieldClass,\n      found.slice(0, shown).map((row) => row[this.scopedBy.student] as string),\n    );', '', ['test/scenarios/disclosure.test.ts', 'says who']],
    ['who is not shown is not on record as shown', 'found.slice(0, shown)', 'found', ['test/scenarios/disclosure.test.ts', 'not of the one that tells']],
    ['a former district changes nothing of its period', "this.select('t').andWhere('t.id = :id', { id }).andWhere(`(${sql})`, parameters)", "this.select('t').andWhere('t.id = :id', { id })", [IEP, 'a former district reads the IEPs of its own period']],
    ['a row is made for students in scope only', 'await this.assertStillInScope(row.id);', '', [REPOSITORIES, 'A-57 an own row']],
    ['a change finds rows in scope only', ".where(`(${sql})`, parameters)\n      .andWhere('id = :rowId'", ".where('id = :rowId'", [REPOSITORIES, 'A-57 a row of another district']],
    ['a change leaves the row in scope', 'else await this.assertStillInScope(id);', '', [REPOSITORIES, 'A-57 an own row']],
    ['a change knows the version that it was made on', "if (version !== undefined) statement.andWhere('version = :rowVersion', { rowVersion: version });", '', [SUBGRAPH, 'writes: version conflict']],
    ['a change that met nothing is told', "if (!row) throw notFound('The record');", '', [REPOSITORIES, 'A-57 a row of another district']],
    ['rows in scope alone are removed', ".where(`(${sql})`, parameters)\n      .andWhere('id IN (:...rowIds)'", ".where('id IN (:...rowIds)'", [REPOSITORIES, 'A-57 a row of another district']],
    ['what is changed is the caller’s today', 'return this.session.scope.predicate({ student: this.columns(alias).student });', 'return this.session.scope.predicate(this.columns(alias));', [IEP, 'a former district reads the IEPs of its own period'], 'A former district would find its own row, but what it writes is dated by the present owner (`scopeDateOf`) or checked once more in scope afterwards: refused all the same.'],
  ),
  ...inFile(
    'platform/scope/epoch.ts',
    ['rights that changed are noticed', 'if ((await currentEpoch(session.manager, session.principal.subject)) !== session.principal.epoch)\n    throw stalePrincipal();', '', [SUBGRAPH, 'a principal of another epoch']],
    ['a change of rights makes Principals outdated', 'await session.manager.query(sql, [subject]);', '', ['subgraphs/students/account/account.service.test.ts', 'A-56, A-60 granting']],
  ),
  ...inFile(
    'platform/database/replica.ts',
    ['a replica that is behind is not read', 'if (look === LOOKS) return false;', 'if (look === LOOKS) return true;', [REPLICA, 'A-56 behind', 'mysql']],
  ),
  ...inFile(
    'platform/database/database.ts',
    ['a write counts itself, so that a replica without it is behind', 'if (this.countsWrites) await countWrite(manager);', '', [REPLICA, 'A-56 behind', 'mysql']],
  ),
  ...inFile(
    'platform/subgraph/create-subgraph.ts',
    ['a mutation reads its own writes', 'isMutation ? database.read : database.queryReader', 'database.queryReader', [REPLICA, 'and no mutation', 'mysql']],
  ),
  ...inFile(
    'platform/scope/scope-date.ts',
    ['what is new about an old document is not dated into a former owner’s time', 'return last?.validTo && last.validTo >= day ? addDays(last.validTo, 1) : day;', 'return last ? day : day;', [IEP, 'A-55 what the present owner writes']],
    ['a period that was taken away dates nothing', ' AND access.revokedAt IS NULL', '', [PLATFORM, 'scope date'], 'Of a period that was taken away as well, the day after it is a day of the present owner: the record is only dated later, which shows it to fewer.'],
  ),
  ...inFile(
    'platform/scope/access-writer.ts',
    ['taking a right away takes it at once', 'await this.change(match, { revokedAt: this.session.now });', '', [JURISDICTION, 'SER-31|staff, school and partners']],
    ['a right gets its last day', 'await this.change(match, { validTo });', '', [JURISDICTION, 'the former district sees its own period']],
  ),
  ...inFile('platform/scope/student-lock.ts', [
    'acts on one student are one after the other',
    "if (session.engine === 'sqlite') return;",
    'return;',
    ['subgraphs/services/service/service.service.test.ts', 'F3 SER-101', 'mysql'],
  ]),
  ...inFile('platform/scope/session.ts', [
    'only a write transaction locks',
    "if (!this.options.writing) throw new Error('Only a write transaction can lock or emit.');",
    '',
    [PLATFORM, 'an event of a rolled-back'],
    'Keeps a programming mistake from passing a test; no request reaches a lock outside of `RequestContext.mutate`, which opens the transaction.',
  ]),
  ...inFile(
    'platform/database/guard.ts',
    ['a statement without scope marker throws', '!MARKER.test(sql)) {', '!MARKER.test(sql) && sql === null) {', [SUBGRAPH, 'a statement on a protected table without marker throws']],
    ['published views are guarded as tables are', "[...protectedTables, 'pub_\\\\w+']", '[...protectedTables]', [PLATFORM, 'the driver guard']],
    ['words in a text are no table', 'sql.replace(TEXT_LITERAL, "\'\'")', 'sql', [PLATFORM, 'the driver guard']],
    ['no object is a parameter of a statement', 'assertBindable(parameters, isSqlite);', '', ['test/attacks/door.test.ts', 'A-38 what is no value is no parameter', 'mysql']],
  ),
  ...inFile(
    'platform/database/single-statements.ts',
    ['a single statement is guarded as all others', 'guard.assertRunnable(sql, parameters, false);', '', [SUBGRAPH, 'a statement on a protected table without marker throws', 'mysql']],
  ),
  ...inFile(
    'platform/subgraph/request-context.ts',
    ['a perspective that can only read writes nothing', "if (this.principal.readOnly) throw new PublicError('UNAUTHORIZED_FIELD_OR_TYPE', 'This perspective can only read.');", '', [SUBGRAPH, 'A-22 A-42 A-62']],
    ['nothing is written under outdated rights', 'await assertFresh(session);', '', [SUBGRAPH, 'a principal of another epoch']],
  ),
  ...inFile(
    'platform/idempotency.ts',
    ['a key is its subject’s', 'session.principal.subject, ', '', [SUBGRAPH, 'A-22 A-42 A-62']],
    ['a key is its perspective’s', 'session.principal.perspective, ', '', [SUBGRAPH, 'A-22 A-42 A-62']],
    ['a key is its mutation’s', 'mutation, key]', 'key]', ['test/attacks/sharing.test.ts', 'A-26 a key of idempotency']],
    ['a key is its input’s', "if (known.inputHash !== inputHash) throw conflict('This idempotency key was used for another input.');", '', ['test/attacks/sharing.test.ts', 'A-26 a key of idempotency']],
  ),
  ...inFile(
    'platform/graphql/connection.ts',
    ['a cursor is its subject’s', 'principal.subject,\n', '\n', [SUBGRAPH, 'A-22 A-42 A-62']],
    ['a cursor is its perspective’s', 'principal.perspective,\n', '\n', [SUBGRAPH, 'A-22 A-42 A-62']],
    ['a cursor is its list’s', '    connection,\n    filter ?? null,', '    filter ?? null,', ['test/scenarios/scope.test.ts', 'A-42'], 'Two lists that differ in nothing else would have to have one filter and one order, which are bound as well.'],
    ['a cursor is its filter’s', '    filter ?? null,\n', '', ['test/scenarios/scope.test.ts', 'A-42']],
    ['a cursor can’t be made', '.setAAD(binding)\n          .setAuthTag(', '.setAuthTag(', ['test/scenarios/scope.test.ts', 'A-42']],
    ['a page has an end', ' || first > MAX_PAGE', '', ['subgraphs/students/account/account.service.test.ts', 'accounts are listed']],
  ),
];
