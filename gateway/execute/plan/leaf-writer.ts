import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql';
import { fault, type Writer } from './writer';

/** What a subgraph may answer for the scalars of the specification, beyond which a client could not read it. */
const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => Number.isInteger(value),
  Float: (value) => Number.isFinite(value),
  ID: (value) => typeof value === 'string' || Number.isInteger(value),
};

/** Writes enum values that the client may know, scalars of the specification if they fit, and other scalars as they came. */
export function leafWriter(type: GraphQLLeafType): Writer {
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(type.getValues().map(({ name }) => [name, JSON.stringify(name)]));
    return (value, writing) => texts.get(value) ?? fault(writing, `Invalid value of the enum ${type.name}.`);
  }
  const fits = isSpecifiedScalarType(type) ? FITS[type.name] : undefined;
  if (!fits) return (value) => JSON.stringify(value);
  return (value, writing) => {
    if (!fits(value)) return fault(writing, `Invalid value of the scalar ${type.name}.`);
    return typeof value === 'string' ? quoted(value) : String(value);
  };
}

/** Control characters, quotation marks, backslashes, halves of surrogate pairs. */

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
