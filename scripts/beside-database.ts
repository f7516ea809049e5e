/** Path of a file beside the embedded database: `iep.db` and `staff-id.key` make `iep.staff-id.key`. Null with a server. */
export function besideDatabase(url: string, name: string): string | null {
  const database = /^sqlite:(?:\/\/(?=\.|\/))?(.+?)(?:\.db)?$/.exec(url)?.[1];
  return database ? `${database}.${name}` : null;
}

/** Path of an SQLite database; undefined for the address of a server. */
export const sqliteFile = (url: string): string | undefined => /^sqlite:(?:\/\/(?=\.|\/))?(.+)$/.exec(url)?.[1];
