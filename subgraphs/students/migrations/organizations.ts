import {
  addColumn,
  alike,
  bool,
  createTable,
  createView,
  id,
  instant,
  json,
  type MigrationClass,
  ref,
  statement,
  string,
  day,
} from '../../../platform/database/migration';

/** Tables and views of organizations, accounts, roles, designations, and grants to partners and monitors. */
export const organizationMigrations = [
  createTable(1764100100001, 'organization', {
    columns: {
      id: id(),
      code: string(40),
      name: string(200),
      kind: string(20),
      parent_id: ref({ nullable: true }),
      state_code: string(2),
      time_zone: string(40),
      contact_name: string(120, { nullable: true }),
      contact_phone: string(40, { nullable: true }),
      contact_email: string(200, { nullable: true }),
      active: bool(),
      direct_service_selpa_id: ref({ nullable: true }),
      search_name: string(200),
    },
    indexes: {
      organization_by_parent: ['parent_id', 'kind', 'search_name'],
      organization_by_code: ['code'],
      organization_by_name: ['kind', 'search_name'],
    },
  }),
  createTable(1764100100002, 'account', {
    columns: {
      id: id(),
      issuer: string(200),
      subject: string(200),
      kind: string(10),
      username: string(80),
      display_name: string(160),
      email: string(200, { nullable: true }),
      password_hash: string(200, { nullable: true }),
      active: bool(),
      created_at: instant(),
      last_login_at: instant({ nullable: true }),
    },
    unique: { account_by_identity: ['issuer', 'subject', 'kind'], account_by_username: ['username'] },
    indexes: { account_by_name: ['display_name'] },
  }),
  createTable(1764100100003, 'role_grant', {
    columns: {
      id: id(),
      account_id: ref(),
      role: string(30),
      organization_id: ref(),
      relation: string(20, { nullable: true }),
      read_only: bool(),
      is_default: bool(),
      valid_from: day(),
      valid_to: day({ nullable: true }),
      revoked_at: instant({ nullable: true }),
      granted_by: ref(),
      granted_at: instant(),
    },
    indexes: { role_grant_by_account: ['account_id'], role_grant_by_organization: ['organization_id', 'role'] },
  }),
  createTable(1764100100004, 'partner_grant', {
    columns: {
      id: id(),
      agency_id: ref(),
      grantor_organization_id: ref(),
      client_id: string(64),
      secret_hash: string(200),
      purpose: string(500),
      legal_basis: string(500),
      agreement: string(200),
      scopes: json(),
      starts_on: day(),
      expires_on: day(),
      destruction_date: day(),
      revoked_at: instant({ nullable: true }),
      created_by: ref(),
      created_at: instant(),
    },
    unique: { partner_grant_by_client: ['client_id'] },
    indexes: {
      partner_grant_by_grantor: ['grantor_organization_id', 'created_at'],
      partner_grant_by_agency: ['agency_id'],
    },
  }),
  createTable(1766300000001, 'student_access_grant', {
    columns: {
      id: id(),
      student_id: ref(),
      account_id: ref(),
      grantor_organization_id: ref(),
      purpose: string(500),
      starts_on: day(),
      expires_on: day(),
      created_by: ref(),
      created_at: instant(),
    },
    indexes: {
      student_access_grant_by_student: ['student_id', 'expires_on'],
      student_access_grant_by_account: ['account_id', 'expires_on'],
    },
  }),
  createTable(1766300000002, 'manager_designation', {
    columns: {
      id: id(),
      organization_id: ref(),
      account_id: ref(),
      kind: string(10),
      half_time: bool(),
      designated_by: ref(),
      designated_at: instant(),
      ended_at: instant({ nullable: true }),
      open_of: string(80, { nullable: true }),
    },
    unique: { manager_designation_one_open: ['open_of'] },
    indexes: { manager_designation_by_organization: ['organization_id', 'kind'] },
  }),
];

const optional = { nullable: true };

/** Grants to the students of organizations, keys in place of secrets, rotation, passing on, destruction. */
const partnerAgreements: MigrationClass[] = [
  createTable(1769000000000, 'partner_grant_organization', {
    columns: { partner_grant_id: ref(), organization_id: ref() },
    primaryKey: ['partner_grant_id', 'organization_id'],
    indexes: { partner_grant_organization_by_organization: ['organization_id'] },
  }),
  addColumn(1769000000001, 'partner_grant', 'public_keys', json(optional)),
  addColumn(1769000000002, 'partner_grant', 'credential_changed_at', instant(optional)),
  addColumn(1769000000003, 'partner_grant', 'previous_secret_hash', string(200, optional)),
  addColumn(1769000000004, 'partner_grant', 'previous_keys', json(optional)),
  addColumn(1769000000005, 'partner_grant', 'previous_until', instant(optional)),
  addColumn(1769000000006, 'partner_grant', 'tokens_from', instant(optional)),
  addColumn(1769000000007, 'partner_grant', 'redisclosure', json(optional)),
  addColumn(1769000000008, 'partner_grant', 'destroyed_by', string(200, optional)),
  addColumn(1769000000009, 'partner_grant', 'destroyed_on', day(optional)),
  addColumn(1769000000010, 'partner_grant', 'destruction_method', string(500, optional)),
  addColumn(1769000000011, 'partner_grant', 'destruction_confirmed_by', ref(optional)),
  addColumn(1769000000012, 'partner_grant', 'destruction_confirmed_at', instant(optional)),
  statement(1769000000013, 'Drop_pub_client', alike('DROP VIEW pub_client')),
  createView(
    1769000000014,
    'pub_client',
    'SELECT client_id, secret_hash, public_keys, previous_secret_hash, previous_keys, previous_until, scopes,' +
      ' CASE WHEN revoked_at IS NULL THEN 1 ELSE 0 END AS active, expires_on FROM partner_grant',
  ),
  statement(1770000000060, 'Drop_pub_client_without_tokens_from', alike('DROP VIEW pub_client')),
  createView(
    1770000000061,
    'pub_client',
    'SELECT client_id, secret_hash, public_keys, previous_secret_hash, previous_keys, previous_until, tokens_from, scopes,' +
      ' CASE WHEN revoked_at IS NULL THEN 1 ELSE 0 END AS active, expires_on FROM partner_grant',
  ),
];

export const organizationViews = [
  createView(
    1764910010001,
    'pub_organization',
    'SELECT id, code, name, kind, parent_id, state_code, time_zone, contact_name, contact_phone, contact_email FROM organization',
  ),
  createView(1764910010002, 'pub_account', 'SELECT id, display_name, active FROM account'),
  // Portable SQL has no "today": a grant past its last day is still `active` here. Who is let in is decided by the principal endpoint.
  createView(
    1764910010003,
    'pub_role_grant',
    'SELECT g.id, g.account_id, g.role, g.organization_id, CASE WHEN g.revoked_at IS NULL AND a.active THEN 1 ELSE 0 END AS active' +
      ' FROM role_grant g JOIN account a ON a.id = g.account_id',
  ),
  // For the embedded issuer's database user alone (architecture, section 7).
  createView(
    1764910010004,
    'pub_credential',
    "SELECT id AS account_id, username, password_hash, active FROM account WHERE issuer = 'embedded' AND password_hash IS NOT NULL",
  ),
  createView(
    1764910010005,
    'pub_client',
    'SELECT client_id, secret_hash, scopes, CASE WHEN revoked_at IS NULL THEN 1 ELSE 0 END AS active, expires_on FROM partner_grant',
  ),
  ...partnerAgreements,
];
