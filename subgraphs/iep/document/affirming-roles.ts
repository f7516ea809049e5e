import type { AffirmingPath } from './attestation.entity';

/**
 * Roles that make an IEP official by their own right (domain B.3, "make official": Louisiana). Everybody else attests as the
 * student's case manager, or not at all (V-001).
 */
const MAKES_OFFICIAL: readonly string[] = ['DATA_WRITER', 'IEP_SUBMITTER'];

export const affirmingPath = (role: string): AffirmingPath =>
  MAKES_OFFICIAL.includes(role) ? 'MAKE_OFFICIAL' : 'AFFIRM';
