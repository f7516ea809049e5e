import type { GraphQLError } from 'graphql';
import type { Principal } from '../../platform/principal/principal';
import { publicError } from '../public-errors';
import { hashOf, type Operations } from './manifest';

type Body = Record<string, unknown>;

/**
 * Which operations the gateway answers at all. A client may send a registered operation's id in place of its text:
 * `documentId` (`sha256:…`), or Apollo's `extensions.persistedQuery.sha256Hash`. Nothing is ever registered by a request
 * (attack 29): the list is the signed manifest's.
 */
export class RegisteredOperations {
  /** @param only refuse every other text, but to staff that may build reports */
  constructor(
    private readonly known: Operations,
    private readonly only: boolean,
  ) {}

  /** The request with the operation's text, or why it is refused (attacks 28 and 30). */
  resolve(body: Body, principal: Pick<Principal, 'kind' | 'capabilities'>): Body | GraphQLError {
    const { documentId, extensions, ...rest } = body;
    const id = documentId ?? persistedHash(extensions);
    if (id !== undefined) {
      if (typeof id !== 'string') return publicError('BAD_USER_INPUT', 'The id of an operation must be a text.');
      const hash = id.replace(/^sha256:/, '').toLowerCase();
      if (typeof rest.query === 'string') {
        if (hashOf(rest.query) !== hash) return publicError('BAD_USER_INPUT', 'The id is not that of the operation.');
      } else {
        const text = this.known.get(hash);
        if (text === undefined)
          return publicError('BAD_USER_INPUT', 'No operation is registered under this id: send its text.');
        rest.query = text;
      }
    }
    const { query } = rest;
    if (this.only && typeof query === 'string' && !this.known.has(hashOf(query)) && !mayAskAnything(principal))
      return publicError('BAD_USER_INPUT', 'Only registered operations are answered here, and this one is not.');
    return id === undefined ? body : rest;
  }
}

/** Ad-hoc operations are for those who build reports (design/authorization.md, section 4); a partner's are all registered. */
const mayAskAnything = ({ kind, capabilities }: Pick<Principal, 'kind' | 'capabilities'>): boolean =>
  kind === 'staff' && capabilities.includes('report:build');

function persistedHash(extensions: unknown): unknown {
  const persisted = (extensions as Body | null | undefined)?.persistedQuery as Body | null | undefined;
  return persisted?.sha256Hash;
}
