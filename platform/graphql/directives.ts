import { Directive } from 'type-graphql';

type Target = ClassDecorator & PropertyDecorator & MethodDecorator & ParameterDecorator;
const directive = (text: string): Target => Directive(text) as Target;
const nested = (sets: readonly (string | readonly string[])[]): string =>
  JSON.stringify(sets.map((set) => (typeof set === 'string' ? [set] : set)));

/** Needs a valid token, and nothing more. */
export const Authenticated = (): Target => directive('@authenticated');

/** Needs one of the capability sets: `RequiresScopes('iep:read')`; a list inside the list means "all of these". */
export const RequiresScopes = (...anyOf: (string | readonly string[])[]): Target =>
  directive(`@requiresScopes(scopes: ${nested(anyOf)})`);

/** Needs a caller at one of these levels: `AtLevel('selpa', 'district')`. */
export const AtLevel = (...anyOf: (string | readonly string[])[]): Target =>
  directive(`@policy(policies: ${nested(anyOf)})`);

/** On an argument or input field that filters, sorts or searches: the fields whose requirement it carries. */
export const Reads = (...fields: string[]): Target => directive(`@reads(fields: ${JSON.stringify(fields)})`);

export const Key = (fields: string, options: { resolvable?: boolean } = {}): Target =>
  directive(
    options.resolvable === false ? `@key(fields: "${fields}", resolvable: false)` : `@key(fields: "${fields}")`,
  );
/** A type or field that several subgraphs resolve alike. */
export const Shareable = (): Target => directive('@shareable');
export const External = (): Target => directive('@external');
export const Provides = (fields: string): Target => directive(`@provides(fields: "${fields}")`);

/** What a call of the field costs beside the objects that it answers, in objects: the gateway bounds the sum. */
export const Cost = (weight: number): Target => directive(`@cost(weight: ${weight})`);
/** How long a list without pages may well be, where that is more than a few. */
export const ListSize = (assumedSize: number): Target => directive(`@listSize(assumedSize: ${assumedSize})`);
