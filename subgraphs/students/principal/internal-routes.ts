import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { systemSession } from '../../../platform/scope/session';
import { dayIn } from '../../../platform/dates';
import type {
  InternalRoute,
  SubgraphRequest,
  SubgraphResponse,
  SubgraphRuntime,
} from '../../../platform/subgraph/create-subgraph';
import { toKeys } from '../../../platform/config';
import { AccountRepository } from '../account/account.repository';
import { type Identity, type KnownAccount, loadPrincipal } from './load-principal';

/** The header that carries the gateway's service key. */
export const SERVICE_KEY_HEADER = 'x-service-key';

/** What the students subgraph needs beyond every subgraph. */
export interface StudentsRuntime extends SubgraphRuntime {
  /** Secret shared with the gateway and reporting: opens the internal endpoints. Two, comma-separated, while keys are exchanged. */
  serviceKey: string;
}

const perspectiveSchema = z.string().max(64).nullish();
const identitySchema = z.union([
  z.object({
    issuer: z.string().min(1).max(200),
    subject: z.string().min(1).max(200),
    kind: z.enum(['staff', 'partner']),
    scopes: z.array(z.string().max(100)).max(100).optional(),
    credential: z.number().int().optional(),
    perspective: perspectiveSchema,
  }),
  // The report worker knows who asked for a run by account, not by token.
  z.object({ account: z.string().min(1).max(64), perspective: perspectiveSchema }),
]);

/** Disclosures are recorded by whoever makes them: the gateway has none to tell of. */
const recordSchema = z.object({ kind: z.enum(['request', 'refusal']), record: z.record(z.string(), z.unknown()) });
/** As many as one commit of the log takes. Each is looked at by itself: one that is none doesn't take the others along. */
const auditSchema = z.object({ records: z.array(z.unknown()).min(1).max(500) });

const reply = (status: number, body: object): SubgraphResponse => ({ status, body: JSON.stringify(body) });

/** The endpoints of the gateway, which has no database: who a token's subject is, and the audit log. */
export function internalRoutes(runtime: StudentsRuntime): Record<string, InternalRoute> {
  if (toKeys(runtime.serviceKey).some((key) => key.length < 16))
    throw new Error('The service key needs at least 16 characters.');
  return {
    '/internal/principal': guarded(runtime, identitySchema, (identity) => principal(runtime, identity)),
    '/internal/audit': guarded(runtime, auditSchema, async ({ records }) =>
      reply(200, { kept: await Promise.all(records.map((record) => isKept(runtime, record))) }),
    ),
  };
}

/** Records that are handed over together share a commit, and its failure. */
async function isKept({ audit, log }: StudentsRuntime, given: unknown): Promise<boolean> {
  const read = recordSchema.safeParse(given);
  if (!read.success) return false;
  try {
    await audit.append(read.data.kind, read.data.record);
    return true;
  } catch (error) {
    log.error({ err: error }, 'the audit log did not keep a record of the gateway');
    return false;
  }
}

/** POST with the service key and a body of the schema; anything else is refused without reading further. */
function guarded<T>(
  runtime: StudentsRuntime,
  schema: z.ZodType<T>,
  answer: (body: T) => Promise<SubgraphResponse>,
): InternalRoute {
  return async (request) => {
    if (!hasServiceKey(request, runtime.serviceKey)) return reply(401, { code: 'UNAUTHENTICATED' });
    if (request.method !== 'POST') return reply(405, { code: 'METHOD_NOT_ALLOWED' });
    const body = schema.safeParse(parsed(request.body));
    if (!body.success) return reply(400, { code: 'BAD_USER_INPUT', message: z.prettifyError(body.error) });
    return answer(body.data);
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Compared in constant time, as hashes, so that neither content nor length shows. */
function hasServiceKey({ headers }: SubgraphRequest, serviceKey: string): boolean {
  const given = headers[SERVICE_KEY_HEADER];
  const hash = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest();
  return given !== undefined && toKeys(serviceKey).some((key) => timingSafeEqual(hash(given), hash(key)));
}

async function principal(
  { database, clock }: StudentsRuntime,
  identity: Identity | KnownAccount,
): Promise<SubgraphResponse> {
  const session = systemSession({ manager: database.read, engine: database.engine, clock }, 'load-principal');
  const answer = await loadPrincipal(session, identity);
  if ('refused' in answer) return reply(403, { code: answer.refused });
  const { subject, kind, timeZone } = answer.principal;
  if (kind === 'staff') {
    const account = await session.get(AccountRepository).findById(subject);
    const day = (instant: Date): string => dayIn(timeZone, instant);
    // Once a day is enough for "deactivated after a year without use" (domain C.8), and spares every request a write.
    if (account && (account.lastLoginAt === null || day(account.lastLoginAt) < day(clock.now()))) {
      await database.write((manager) =>
        systemSession({ manager, engine: database.engine, clock, writing: true }, 'load-principal')
          .get(AccountRepository)
          .recordLogin(subject),
      );
    }
  }
  return reply(200, { principal: answer.principal });
}
