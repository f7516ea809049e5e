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
    const names = new Map<unknown, Buffer>(
      type.getValues().map(({ name }) => [name, Buffer.from(JSON.stringify(name))]),
    );
    return (value, writing) => {
      const name = names.get(value);
      if (!name) return fault(writing, `Invalid value of the enum ${type.name}.`);
      writing.out.raw(name);
      return true;
    };
  }
  const fits = isSpecifiedScalarType(type) ? FITS[type.name] : undefined;
  return (value, writing) => {
    if (fits && !fits(value)) return fault(writing, `Invalid value of the scalar ${type.name}.`);
    if (typeof value === 'string') writing.out.string(value);
    else writing.out.json(JSON.stringify(value));
    return true;
  };
}
