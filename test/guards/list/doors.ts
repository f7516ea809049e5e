/** The doors of the subgraphs, the audit log, the issuer. */
import { inFile } from '../guard';

const PLATFORM = 'platform/platform.test.ts';
const SUBGRAPH = 'platform/subgraph/create-subgraph.test.ts';
const DOOR = 'test/attacks/door.test.ts';
const DISCLOSURE = 'test/scenarios/disclosure.test.ts';
const PRINCIPAL = 'subgraphs/students/principal/principal.test.ts';
const ISSUER = 'issuer/issuer.test.ts';
const AUDIT = 'platform/audit/audit-log.test.ts';
const OPERATION = 'platform/subgraph/operation.test.ts';
const COLUMNS = 'platform/database/learned-columns.test.ts';
const VERIFY = 'scripts/audit-verify.test.ts';

// prettier-ignore
export const DOOR_GUARDS = [
  ...inFile(
    'platform/principal/envelope.ts',
    ['a principal is signed', 'timingSafeEqual(given, expected)', 'true', [PLATFORM, 'A-35']],
    ['a principal is for one subgraph', 'if (claims.aud !== audience) throw', 'if (!claims.aud) throw', [PLATFORM, 'A-35']],
    ['a principal is of the gateway', 'if (claims.iss !== ISSUER) throw', 'if (!claims.iss) throw', [PLATFORM, 'A-35'], 'Who has the key can write any issuer: the key is the proof.'],
    ['a principal is for one body', "${call},${body}`;", "${call}`;", [PLATFORM, 'A-35']],
    ['a call is for one principal', 'credential.slice(credential.lastIndexOf(', "''.slice(credential.lastIndexOf(", [PLATFORM, 'A-35']],
    ['a call is signed', '|| !isSigned(callText(credential, call, body), signature, key))', ')', [PLATFORM, 'A-35']],
    ['a principal is signed itself', "|| !isSigned(signed, credential.slice(end + 1), key)) return", ') return', [PLATFORM, 'A-35']],
    ['a principal is signed as it says', '!signed.startsWith(`${HEADER}.`) ||', '', [PLATFORM, 'A-35']],
    ['an envelope has no further part', '|| more.length > 0 ||', '||', [PLATFORM, 'A-35']],
    ['a principal is of now', 'if (!(age >= -SKEW_SECONDS && age < LIFETIME_SECONDS)) throw', 'if (Number.isNaN(age)) throw', [DOOR, 'A-35 a principal is good']],
    ['a principal is not of the future', 'age >= -SKEW_SECONDS &&', '', [PLATFORM, 'A-35']],
    ['a principal that was opened is nobody’s to change', 'Object.freeze(value);', 'value;', [PLATFORM, 'nobody’s to change']],
    ['a principal lasts for seconds', 'LIFETIME_SECONDS = 30;', 'LIFETIME_SECONDS = 30_000;', [DOOR, 'A-35 a principal is good']],
  ),
  ...inFile(
    'platform/subgraph/create-subgraph.ts',
    ['a mutation is accepted once', "if (kind === 'mutation' && !(await firstUse", "if (kind === 'subscription' && !(await firstUse", [DOOR, 'A-35 a mutation that was caught']],
    ['the second lock', 'if (lock.denied(input.query, operation.document, envelope.principal)) {', 'if (lock.denied.length < 0) {', [SUBGRAPH, 'the second lock']],
    ['who goes around the gateway is recorded', "await denied(envelope, 'the operation asks for more than this caller may have');", '', [SUBGRAPH, 'the second lock refuses']],
    ['a mutation that is used again is recorded', "await denied(envelope, 'the request was accepted before');", '', [SUBGRAPH, 'A-35 a mutation that comes again']],
    ['directories need rights that are not outdated', 'if (!isMutation && !context.session.scope.consulted) await assertFresh(context.session);', '', ['test/scenarios/revocation.test.ts', 'A-60']],
    ['what was disclosed is recorded', 'if (disclosures.isEmpty) return response;', 'if (!disclosures.isEmpty) return response;', [DISCLOSURE, 'says who']],
    ['no record, no answer', 'else await keep();', 'else void keep();', [DISCLOSURE, 'a payload is kept back']],
    ['a fault says nothing', "return new GraphQLError('Something went wrong on our side.', {", 'return new GraphQLError(cause.message, {', [DOOR, 'A-40']],
    ['an operation is validated', 'const operation = errors.length === 0 ? new Operation(graph.schema, document, counting) : undefined;', 'const operation = new Operation(graph.schema, document, counting);', [SUBGRAPH, 'what is not valid']],
  ),
  ...inFile(
    'platform/subgraph/compiled-query.ts',
    ['nothing is answered where something must be', "if (completed === null) throw new Uncommon('nothing where something must be');", '', [OPERATION, 'nothing where something must be']],
    ['a fragment is of its type', 'if (this.isOf(type, fragment.typeCondition?.name.value)) collect', 'collect', [OPERATION, 'as graphql-js answers']],
    ['an object is of a type that may stand there', "if (!isObjectType(own) || !this.schema.isSubType(type, own)) throw", "if (!isObjectType(own)) throw", [OPERATION, 'a type that may not stand there']],
  ),
  ...inFile(
    'platform/subgraph/operation.ts',
    ['what was made without a column is not shown', 'if (columns.misses === misses) {\n          columns.settle();', '{\n          columns.settle();', [COLUMNS, 'somebody has caught']],
  ),
  ...inFile(
    'platform/database/learned-columns.ts',
    ['a row never answers for a column that it has not', 'return this[LEARNED].miss(propertyName);', 'return null as never;', [COLUMNS, 'never answers for the rest']],
    ['a row that was not read whole is not copied', "Object.defineProperty(this, 'unread columns', COPIED);", '', [COLUMNS, 'never answers for the rest']],
    ['who lists a row gets it whole', 'this.askAll();\n        return Reflect', 'return Reflect', [COLUMNS, 'when a row is listed']],
  ),
  ...inFile(
    'subgraphs/students/student/crossing-limit.ts',
    ['a look counts once, whatever fails beside it', "COUNTED_LOOKS = ['Query.locateStudent'] as const", 'COUNTED_LOOKS: string[] = []', ['subgraphs/students/student/student.service.test.ts', 'locateStudent']],
  ),
  ...inFile(
    'platform/audit/disclosure-record.ts',
    ['what is joined is of one party and operation', 'same.requestId === undefined ? undefined : JSON.stringify(same)', 'same.requestId as string | undefined', [AUDIT, 'what one request disclosed']],
    ['nothing is lost of what is joined', 'for (const { disclosed = {} } of all)', 'for (const { disclosed = {} } of all.slice(1))', [AUDIT, 'what one request disclosed']],
  ),
  ...inFile(
    'platform/subgraph/field-lock.ts',
    ['the second lock holds the parent type', 'if (parent && !isRoot(this.schema, parent.name)) check(parent.name);', '', [DOOR, 'A-24']],
    ['the second lock holds the field', 'if (parent) check(`${parent.name}.${info.getFieldDef()?.name}`);', '', [SUBGRAPH, 'the second lock']],
    ['the second lock holds what is returned', 'if (isObjectType(returned)) check(returned.name);', '', [SUBGRAPH, 'A-11 the second lock']],
    ['the second lock knows capabilities', 'principal.capabilities.includes(word)', 'true', [SUBGRAPH, 'the second lock']],
    ['the second lock knows levels', 'principal.level === word', 'true', [SUBGRAPH, 'the second lock judges']],
    ['a verdict is of its caller', "`${principal.level} ${[...principal.capabilities].sort().join(' ')}\\n${text}`", 'text', [SUBGRAPH, 'the second lock judges']],
    ['an empty list allows nobody', 'set.length > 0 && set.every(has)', 'set.every(has)', [SUBGRAPH, 'the second lock'], 'Composition refuses empty lists (A-03), so no subgraph that starts has one.'],
  ),
  ...inFile(
    'platform/subgraph/federation.ts',
    ['a key is a text', "Object.hasOwn(representation, key) && typeof representation[key] === 'string'", 'Object.hasOwn(representation, key)', [SUBGRAPH, 'A-38 a look-up']],
    ['nothing but keys is taken from a representation', 'resolve(Object.fromEntries(given) as never, context as never)', 'resolve(representation as never, context as never)', [SUBGRAPH, 'A-38 a look-up']],
  ),
  ...inFile(
    'subgraphs/students/principal/internal-routes.ts',
    ['internal endpoints open to the service key', 'if (!hasServiceKey(request, runtime.serviceKey)) return', 'if (!runtime.serviceKey) return', [PRINCIPAL, 'no or a wrong service key']],
    ['the gateway’s records are kept', 'await audit.append(read.data.kind, read.data.record);', '', [PRINCIPAL, 'the gateway hands']],
    ['a service key has a length', 'key.length < 16', 'key.length < 0', [PRINCIPAL, 'no or a wrong service key']],
  ),
  ...inFile(
    'platform/audit/audit-log.ts',
    ['a record is kept or its sender told', 'for (const { failed } of batch) failed(error);', 'for (const { done } of batch) done();', [AUDIT, 'a commit that fails']],
    ['a commit of which nobody knows is looked up', 'if (this.isUncertain) await this.lookUpHead();', '', [AUDIT, 'a commit that fails']],
    ['a checkpoint follows after so many entries', 'if (this.head.position - this.signed >= entries) void this.sign();', '', [AUDIT, 'a checkpoint follows']],
    ['a chain is closed at the end', 'await this.inLedger((ledger) => ledger.append(this.head, true));', '', [AUDIT, 'a checkpoint follows']],
    ['what a killed process left is signed', 'await ledger.sealOthers();', '', [AUDIT, 'what a killed process']],
    ['a disclosure is found by its student', "    ...insertStatements('audit_disclosed_student', ['student_id', 'entry_id', 'at'], students),\n", '', [AUDIT, '100 concurrent']],
  ),
  ...inFile(
    'platform/audit/chain.ts',
    ['an entry is tied to the one before it', '[previous, chain, position, at.toISOString(), kind, sorted(record)]', '[chain, position, at.toISOString(), kind, sorted(record)]', [VERIFY, 'npm run']],
    ['an entry’s hash holds its record', 'kind, sorted(record)]', 'kind]', [VERIFY, 'npm run']],
    ['an entry’s hash holds its time', 'position, at.toISOString(), kind', 'position, kind', [VERIFY, 'another time']],
    ['an entry’s hash holds its kind', 'at.toISOString(), kind, sorted', 'at.toISOString(), sorted', [VERIFY, 'another kind']],
    ['an entry’s hash holds its place', '[previous, chain, position, at', '[previous, chain, at', [VERIFY, 'npm run'], 'Positions are counted from 1 without a gap (`finds missing entries`), and each entry names the one before it (`an entry is tied to the one before it`): another place is another predecessor.'],
  ),
  ...inFile(
    'platform/audit/verify-log.ts',
    ['finds altered entries', "if (!follows) this.fault('altered', chain, position);", '', [VERIFY, 'npm run']],
    ['finds missing entries', "this.fault('missing', chain, reading.position + 1);", '', [VERIFY, 'npm run']],
    ['finds disclosures that were taken off the index', "if (!indexed) this.fault('unindexed', chain, position);", '', [VERIFY, 'npm run']],
    ['finds entries behind a closed chain', "if (reading.closedAt !== null) this.fault('appended', chain, position);\n    else if", 'if', [VERIFY, 'npm run']],
    ['finds chains that were computed anew', "if (seal.position === position && seal.hash !== reading.hash) this.fault('rewritten', seal.chain, seal.position);", '', [VERIFY, 'npm run']],
    ['finds a cut-off end', "if (position < signedUpTo) this.fault(position === 0 ? 'removed' : 'truncated', chain, position + 1);", '', [VERIFY, 'npm run']],
    ['finds chains that are gone', "for (const [chain, { position }] of this.signed) this.fault('removed', chain, position);", '', [VERIFY, 'says less of a chain']],
    ['finds unregistered chains', "if (!registered) this.fault('unregistered', chain, 1);", '', [VERIFY, 'npm run']],
    ['finds chains without a checkpoint', "if (registered && !signed && registered.process !== UNREGISTERED_PROCESS) this.fault('unsigned', chain, 1);", '', [VERIFY, 'the chain that was signed last']],
    ['finds false signatures', "if (!this.isSigned(checkpoint)) this.fault('signature', chain, position);", '', [VERIFY, 'says less of a chain']],
    ['finds false signatures behind entries', "if (!this.isSigned(seal)) this.fault('signature', seal.chain, seal.position);", '', [VERIFY, 'says less of a chain']],
    ['finds gaps between checkpoints', "if (sequence !== last.sequence + 1 || previous !== last.hash) this.fault('checkpoints', null, last.sequence + 1);", '', [VERIFY, 'npm run']],
    ['misses a checkpoint that was noted', "if (!this.isKnownSeen) this.fault('checkpoints', null, this.options.known!.sequence);", '', [VERIFY, 'npm run']],
    ['trusts no key of the log’s own when keys are given', 'if (!this.options.trusted) this.keys.set', 'this.keys.set', [VERIFY, 'npm run']],
    ['holds the registration against the first entry', "if (!agrees || registered.headHash !== hash) this.fault('unregistered', chain, 1);", '', [VERIFY, 'another process']],
  ),
  ...inFile(
    'platform/audit/tables.ts',
    ['entries are not changed', "...insertOnly(1766700000011, 'audit_entry'),", '', [AUDIT, '34 CFR 99.32 the database itself']],
    ['the index by student is not changed', "...insertOnly(1766700000013, 'audit_disclosed_student'),", '', [AUDIT, '34 CFR 99.32 the database itself']],
    ['registrations are not changed', "...insertOnly(1766700000015, 'audit_chain'),", '', [AUDIT, '34 CFR 99.32 the database itself']],
    ['checkpoints are not changed', "...insertOnly(1766700000017, 'audit_checkpoint'),", '', [AUDIT, '34 CFR 99.32 the database itself']],
    ['keys are not changed', "...insertOnly(1766700000019, 'audit_key'),", '', [AUDIT, '34 CFR 99.32 the database itself']],
    ['no entry takes the place of another', '...AUDIT_KEYS.map(', '...AUDIT_KEYS.slice(0, 0).map(', [AUDIT, '34 CFR 99.32 no entry takes']],
  ),
  ...inFile(
    'issuer/credentials.ts',
    ['a password is the right one', 'row && matches && isTrue(row.active) ?', 'row && isTrue(row.active) ?', [ISSUER, 'a wrong password']],
    ['an inactive account does not sign in', 'row && matches && isTrue(row.active) ?', 'row && matches ?', [ISSUER, 'a wrong password']],
    ['an account that was switched off gets no new token', 'return rows.some(({ active }) => isTrue(active));', 'return rows.length > 0;', [ISSUER, 'refresh tokens rotate']],
    ['an inactive client gets no token', 'if (!row || !isTrue(row.active)) return null;', 'if (!row) return null;', [ISSUER, 'a wrong secret']],
    ['an expired client gets no token', 'if (row.expires_on && row.expires_on < today(this.clock, LAST_ZONE)) return null;', '', [ISSUER, 'a wrong secret']],
    ['the credential of before counts until its hour', 'row.previous_until !== null && instantOf(row.previous_until) > this.clock.now()', 'row.previous_until !== null', [ISSUER, 'the credential of before']],
    ['an unknown user takes as long as a known one', 'row?.password_hash ?? (await this.decoyHash())', "row?.password_hash ?? ''", [ISSUER, 'a wrong password'], 'Only the time of the answer tells, and no test asserts times.'],
  ),
  ...inFile(
    'issuer/provider.ts',
    ['a code needs its verifier', 'pkce: { required: () => true },', 'pkce: { required: () => false },', [ISSUER, 'without PKCE']],
    ['refresh tokens count once', 'rotateRefreshToken: true,', 'rotateRefreshToken: false,', [ISSUER, 'refresh tokens rotate']],
    ['a token says which kind it is of', "kind: 'partner', [CREDENTIAL]", "kind: 'staff', [CREDENTIAL]", [ISSUER, 'A-63']],
    ['a partner gets its own scopes', 'if (!asked.some((scope) => scopes.includes(scope)))', 'if (!asked)', [ISSUER, 'partners get a token']],
    ['a token is for this API', 'if (resource !== options.audience) throw new errors.InvalidTarget();', '', [ISSUER]],
    ['secrets of clients are not guessed', 'if ((await attempts.begin(this.clientId, address)) > 0) return false;', '', [ISSUER, 'ten failures lock']],
    ['an assertion is not signed with a shared secret', "enabledJWA: { clientAuthSigningAlgValues: ['ES256', ", "enabledJWA: { clientAuthSigningAlgValues: ['HS256', 'ES256', ", [ISSUER, 'RFC 7523 .* another audience'], 'The provider verifies an assertion of a client with public keys by those alone, and jose takes no shared secret from them: the list says so before any key is looked at.'],
    ['an assertion ends soon', 'if (exp > Date.now() / 1_000 + LIFETIME.assertion)', 'if (exp < 0)', [ISSUER, 'RFC 7523 .* another audience']],
    ['an assertion counts once', 'upsert: (...assertion: Assertion) => payloads.insert(...assertion)', 'upsert: (...assertion: Assertion) => payloads.upsert(...assertion)', [ISSUER, 'RFC 7523 .* an assertion counts once']],
    ['the secret of a client is the right one', 'return matches;', 'return true;', [ISSUER, 'a wrong secret']],
  ),
  ...inFile(
    'issuer/keys.ts',
    ['a key is published before it signs', 'createdAt.getTime() + PUBLISHED_AHEAD_MS', 'createdAt.getTime()', [ISSUER, 'keys are exchanged while']],
    ['a key is kept while what it signed is good', "key.state === 'verifies until' && key.at! <= clock.now()", "key.state === 'verifies until'", [ISSUER, 'keys are exchanged while']],
    ['a key that others know is gone at once', 'atOnce ? !isNewest(key) : ', '', [ISSUER, 'keys are exchanged while']],
  ),
  ...inFile(
    'subgraphs/students/access-explanation/access-explanation.service.ts',
    ['who manages no accounts asks for none, past the gateway as well', 'if (accountId != null) this.assertManages();', '', ['subgraphs/students/access-explanation/access-explanation.service.test.ts', 'A-23']],
  ),
];
