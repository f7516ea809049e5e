/**
 * Roles that may change a state-reported field inside the red window, with a reason (V-015, "district admin"): the
 * administrators of a whole district, and the data writer, which is Louisiana's name for one (domain B.2).
 */
const OVERRIDES: readonly string[] = ['DISTRICT_ADMIN', 'SEDS_COORDINATOR', 'DATA_WRITER'];

export const mayOverride = (role: string): boolean => OVERRIDES.includes(role);
