import { DefaultNamingStrategy } from 'typeorm';

/** Of the properties of the code, which are few. */
const known = new Map<string, string>();

/** `studentId` → `student_id`. */
export function snake(name: string): string {
  let column = known.get(name);
  if (column === undefined) known.set(name, (column = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()));
  return column;
}

/** Columns and tables are snake_case in the database, camelCase in code. */
export class SnakeNaming extends DefaultNamingStrategy {
  override tableName(className: string, customName?: string): string {
    return customName ?? snake(className);
  }
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? snake(propertyName);
  }
}
