/** How long what the issuer hands out is good for, in seconds. */
export const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Nobody stays signed in longer than a working day without giving the password again. */
export const WORKING_DAY = 10 * HOUR;

export const LIFETIME = {
  staffToken: 10 * MINUTE,
  partnerToken: 5 * MINUTE,
  code: MINUTE,
  signInPage: 30 * MINUTE,
  /** The longest that a partner's assertion may still have. */
  assertion: 5 * MINUTE,
};
