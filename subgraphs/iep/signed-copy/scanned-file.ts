import { badInput, reject } from '../../../platform/errors';

/** 5 MB: a signed IEP scanned in black and white, 300 dpi, at some 50 KB a page, is a hundred pages. */
export const MAX_SCAN_BYTES = 5 * 1024 * 1024;
const MAX_FILE_NAME = 120;

/** What a scanner makes, known by its first bytes: what the client says of a file counts for nothing. */
const SIGNATURES: readonly (readonly [mediaType: string, firstBytes: Buffer])[] = [
  ['application/pdf', Buffer.from('%PDF-', 'latin1')],
  ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff])],
  ['image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['image/tiff', Buffer.from([0x49, 0x49, 0x2a, 0x00])],
  ['image/tiff', Buffer.from([0x4d, 0x4d, 0x00, 0x2a])],
];

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Names of folders, and characters that no name shows, some of which turn the shown order around. */
const NOT_IN_NAMES = /[/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export interface ScannedFile {
  fileName: string;
  mediaType: string;
  bytes: Buffer;
}

/**
 * The file as it is kept.
 * @throws BAD_USER_INPUT for a name or an encoding that is none; SEIS-53 for a file that is empty, too large, or no scan
 */
export function readScan(fileName: string, content: string): ScannedFile {
  const name = fileName.trim();
  if (!name || name.length > MAX_FILE_NAME)
    throw badInput(`The file name has 1 to ${MAX_FILE_NAME} characters.`, ['fileName']);
  if (NOT_IN_NAMES.test(name))
    throw badInput('The file name holds characters that no file name has: slashes or control characters.', [
      'fileName',
    ]);
  if (content.length > Math.ceil(MAX_SCAN_BYTES / 3) * 4) throw tooLarge();
  if (content.length % 4 !== 0 || !BASE64.test(content))
    throw badInput('The content is not base64: plain letters with padding, without line breaks and without "data:".', [
      'content',
    ]);
  const bytes = Buffer.from(content, 'base64');
  if (bytes.length === 0) throw reject('SEIS-53', 'The file is empty. Scan the signed copy again.', ['content']);
  if (bytes.length > MAX_SCAN_BYTES) throw tooLarge();
  const [mediaType] = SIGNATURES.find(([, first]) => bytes.subarray(0, first.length).equals(first)) ?? [];
  if (!mediaType)
    throw reject('SEIS-53', 'This is no scan: attach a PDF, JPEG, PNG or TIFF. The bytes decide, not the name.', [
      'content',
    ]);
  return { fileName: name, mediaType, bytes };
}

const tooLarge = () =>
  reject('SEIS-53', `The file is larger than ${MAX_SCAN_BYTES} bytes. Scan with fewer dots or in black and white.`, [
    'content',
  ]);
