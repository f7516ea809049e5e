import { databaseFault, notFound, reject } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import { bumpEpoch } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { type Account, EMBEDDED_ISSUER } from './account.entity';
import type { CreateAccountInput } from './account.inputs';
import { AccountRepository, RoleGrantRepository } from './account.repository';
import { RoleService } from './role.service';
import { isUsername, isVariantOf, MAX_USERNAME, usualUsername } from './usernames';

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,130}\.[^\s@]{2,}$/;

/** Accounts: created and deactivated by who manages the organization (SEIS-08). Deactivated ones stay, with their history. */
export class AccountService {
  private readonly accounts: AccountRepository;

  constructor(private readonly session: Session) {
    this.accounts = session.get(AccountRepository);
  }

  /**
   * Creates an account with its first role.
   * @param passwordHash of the first password; ignored for accounts of a foreign issuer
   */
  async create(input: CreateAccountInput, passwordHash: string): Promise<Account> {
    const [firstName, lastName] = [nameOf(input.firstName, 'firstName'), nameOf(input.lastName, 'lastName')];
    const username = this.username(input, firstName, lastName);
    const id = newId();
    const account: Account = {
      id,
      ...signIn(input, id, passwordHash),
      kind: 'staff',
      username,
      displayName: `${firstName} ${lastName}`,
      email: emailOf(input.email),
      active: true,
      createdAt: this.session.now,
      lastLoginAt: null,
    };
    if (await this.accounts.usernameTaken(username)) throw usernameTaken(username);
    try {
      await this.accounts.insert(account);
    } catch (error) {
      // Somebody else was faster, or the identity at the foreign issuer has an account already.
      if (databaseFault(error) !== 'unique') throw error;
      if (account.issuer === EMBEDDED_ISSUER || (await this.accounts.usernameTaken(username)))
        throw usernameTaken(username);
      throw reject(
        'V-039',
        'This identity at the other OpenID provider has an account already. Ask its organization to release it.',
        ['subject'],
      );
    }
    await this.session
      .get(RoleService)
      .grant(
        { accountId: id, role: input.role, organizationId: input.organizationId, readOnly: false, isDefault: true },
        account,
      );
    return account;
  }

  /** Deactivates an account. Its grants stay as history; they count for nothing while it is inactive. */
  async deactivate(accountId: string): Promise<void> {
    await this.accountInReach(accountId);
    if (accountId === this.session.principal.subject)
      throw reject('SEIS-08', 'You cannot deactivate your own account: ask another administrator.', ['accountId']);
    await bumpEpoch(this.session, accountId);
    const grants = this.session.get(RoleGrantRepository);
    const [all, here] = [await grants.findUnrevoked(accountId), await grants.findInReach([accountId])];
    if (all.some((grant) => !here.some((own) => own.id === grant.id))) {
      throw reject('SEIS-08', 'This person also works elsewhere. Revoke the roles at your organization instead.', [
        'accountId',
      ]);
    }
    this.session.get(RoleService).assertMayManage(all);
    await this.accounts.deactivate(accountId);
  }

  /** The account; one out of reach does not exist for those who manage accounts. */
  async accountInReach(accountId: string): Promise<Account> {
    const inReach = (await this.accounts.idsInReach([accountId])).has(accountId);
    const account = inReach ? await this.accounts.findById(accountId) : null;
    if (!account) throw notFound('The account');
    return account;
  }

  private username(input: CreateAccountInput, firstName: string, lastName: string): string {
    const username = (input.username?.trim() || usualUsername(firstName, lastName)).toLowerCase();
    if (!isUsername(username)) {
      throw reject(
        'V-040',
        `A user name has 3 to ${MAX_USERNAME} letters and digits with single dots or hyphens between them, such as first.last.`,
        ['username'],
      );
    }
    if (!isVariantOf(username, firstName, lastName)) {
      const usual = usualUsername(firstName, lastName);
      throw reject(
        'V-040',
        `The user name is ${usual}; a variant may add only a number or a middle initial to the first name, such as ${variants(usual).join(' or ')}.`,
        ['username'],
      );
    }
    return username;
  }
}

/** Two ways out: the same person's account comes here, or another person's gets a variant (C.8). Says nothing about whose it is. */
function usernameTaken(username: string): Error {
  const [number, initial] = variants(username);
  return reject(
    'V-039',
    `The user name ${username} exists already. If it is the same person, ask that the account be released or shared by its present organization; ` +
      `if it is somebody else, choose a variant with a number or a middle initial, such as ${number} or ${initial}.`,
    ['username'],
  );
}

function variants(username: string): [number: string, initial: string] {
  const dot = username.indexOf('.');
  const [first, rest] = dot < 0 ? [username, ''] : [username.slice(0, dot), username.slice(dot)];
  return [`${first}2${rest}`, `${first}m${rest}`];
}

function nameOf(text: string, field: string): string {
  const name = text.trim().replace(/\s+/g, ' ');
  if (name.length < 1 || name.length > 75 || /\p{Cc}/u.test(name))
    throw reject('BAD_USER_INPUT', 'A name has 1 to 75 characters.', [field]);
  return name;
}

function emailOf(text: string | null | undefined): string | null {
  const email = text?.trim();
  if (!email) return null;
  if (email.length > 200 || !EMAIL.test(email))
    throw reject('BAD_USER_INPUT', 'This is not an e-mail address.', ['email']);
  return email;
}

/** Where the person signs in: with a password of ours, or at another OpenID provider. */
function signIn(
  { issuer, subject }: CreateAccountInput,
  id: string,
  passwordHash: string,
): Pick<Account, 'issuer' | 'subject' | 'passwordHash'> {
  if (!issuer && !subject) return { issuer: EMBEDDED_ISSUER, subject: id, passwordHash };
  if (!issuer || !subject)
    throw reject('BAD_USER_INPUT', 'Give `issuer` and `subject` together, or neither.', [
      issuer ? 'subject' : 'issuer',
    ]);
  if (issuer.length > 200 || !URL.canParse(issuer) || new URL(issuer).protocol !== 'https:')
    throw reject('BAD_USER_INPUT', 'The issuer is the https URL of an OpenID provider.', ['issuer']);
  if (subject.length > 200) throw reject('BAD_USER_INPUT', 'A subject has at most 200 characters.', ['subject']);
  return { issuer, subject, passwordHash: null };
}
