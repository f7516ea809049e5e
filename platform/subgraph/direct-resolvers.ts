import { getMetadataStorage } from 'type-graphql';

type Method = (...parameters: unknown[]) => unknown;
type Resolve = (root: unknown, args: Record<string, unknown>, context: unknown, info: never) => unknown;
type Metadata = ReturnType<typeof getMetadataStorage>['fieldResolvers'][number];

/**
 * Has fields that are plain properties of their class read as such, by graphql-js.
 *
 * @throws Error when there are middlewares or rights of type-graphql: it would leave them out. Rights are decided from directives and rows
 */
export function readPropertiesPlainly(): void {
  const storage = getMetadataStorage();
  for (const kind of ['middlewares', 'resolverMiddlewares', 'authorizedFields', 'authorizedResolver'] as const)
    if (storage[kind].length > 0) throw new Error(`type-graphql's ${kind} are not heeded: rights are directives.`);
  for (const type of storage.objectTypes) type.simpleResolvers = true;
}

/**
 * Has methods of resolvers called as they are. type-graphql prepares the parameters of every call anew, and waits for each argument; but
 * an object that is one of its class already, the context, and an argument that is no object are what the method gets. All else stays
 * with it.
 *
 * @param resolvers by type and field, as type-graphql made them; changed
 * @param classes of these resolvers
 */
export function callDirectly(resolvers: Record<string, Record<string, unknown>>, classes: readonly Function[]): void {
  const { fieldResolvers, objectTypes } = getMetadataStorage();
  const names = new Map<unknown, string>(objectTypes.map(({ target, name }) => [target, name]));
  const instances = new Map(classes.map((Class) => [Class, new (Class as new () => Record<string, Method>)()]));
  for (const metadata of fieldResolvers) {
    const instance = instances.get(metadata.target);
    const fields = resolvers[names.get(metadata.getObjectType?.()) ?? ''];
    const prepared = fields?.[metadata.schemaName] as Resolve | undefined;
    if (instance && prepared) fields![metadata.schemaName] = direct(metadata, instance, prepared);
  }
}

function direct(metadata: Metadata, instance: Record<string, Method>, prepared: Resolve): Resolve {
  const { methodName } = metadata;
  const params = [...(metadata.params ?? [])].sort((a, b) => a.index - b.index);
  const root = params.find((param) => param.kind === 'root');
  const isKnown = params.every(
    (param) =>
      ((param.kind === 'root' || param.kind === 'context') && !param.propertyName) ||
      (param.kind === 'arg' && !param.validateFn),
  );
  if (!isKnown || !root?.getType) return prepared;
  const Root = root.getType() as Function;
  return (object, args, context, info) => {
    if (!(object instanceof Root)) return prepared(object, args, context, info);
    const given: unknown[] = [];
    for (const param of params) {
      const value = param.kind === 'root' ? object : param.kind === 'arg' ? args[param.name] : context;
      if (param.kind === 'arg' && typeof value === 'object' && value !== null)
        return prepared(object, args, context, info);
      given.push(value);
    }
    return instance[methodName]!(...given);
  };
}
