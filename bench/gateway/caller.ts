import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Principal } from '../../platform/principal/principal';
import { ROLES } from '../../subgraphs/students/account/roles';

const AUDIENCE = 'urn:iep-graph:api';
const KEY_ID = 'bench';
const SUBJECT = '01900009-0000-7000-8000-000000000001';
const SELPA = '01900009-0000-7000-8000-000000000002';

/** Who asks: a SELPA administrator, who may read every field of the operations. */
export const PRINCIPAL: Principal = {
  subject: SUBJECT,
  kind: 'staff',
  displayName: 'Bench',
  perspective: '01900009-0000-7000-8000-000000000003',
  role: 'SELPA_ADMIN',
  level: ROLES.SELPA_ADMIN.level,
  readOnly: false,
  capabilities: [...ROLES.SELPA_ADMIN.capabilities],
  grants: [{ relation: 'JURISDICTION', grantee: `SELPA:${SELPA}` }],
  organizationId: SELPA,
  timeZone: 'America/Los_Angeles',
  epoch: 1,
};

export const newSecret = (): string => randomBytes(24).toString('hex');

/** An access token for an hour as the embedded provider would sign it, and the public keys that verify it. */
export async function signedIn(issuer: string): Promise<{ token: string; jwks: string }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const token = await new SignJWT({ kind: 'staff' })
    .setProtectedHeader({ alg: 'ES256', kid: KEY_ID })
    .setIssuer(issuer)
    .setAudience(AUDIENCE)
    .setSubject(SUBJECT)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  const keys = [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'ES256', use: 'sig' }];
  return { token, jwks: JSON.stringify({ keys }) };
}
