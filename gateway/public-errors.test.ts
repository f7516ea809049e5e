import { formatPublicError } from './public-errors';

describe('A-40 the last door of every error', () => {
  const format = (code: unknown) => formatPublicError({ message: 'SELECT 1', extensions: { code, sql: 'SELECT 1' } });

  test('a public code keeps its message, a mistake of the client is told as one', () => {
    expect(format('NOT_FOUND')).toEqual({ message: 'SELECT 1', extensions: { code: 'NOT_FOUND' } });
    expect(format('GRAPHQL_PARSE_FAILED')).toEqual({ message: 'SELECT 1', extensions: { code: 'BAD_USER_INPUT' } });
  });

  test.each([undefined, null, 'STALE_PRINCIPAL', 'INTERNAL_SERVER_ERROR', 'ER_PARSE_ERROR', 'constructor', {}])(
    'the unknown code %j is masked',
    (code) =>
      expect(format(code)).toEqual({ message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL' } }),
  );
});
