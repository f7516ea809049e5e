import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: ['dist/', 'node_modules/', 'var/', 'coverage/', '**/*.cjs', '*.config.js', 'gateway/graphiql/page/'],
  },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unsafe-function-type': 'off',
      '@typescript-eslint/no-require-imports': 'off',
      'max-lines': ['error', { max: 360, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // The door of the rows: only repositories, bulk loads and consumers build statements.
    files: ['subgraphs/**/*.ts'],
    ignores: ['subgraphs/**/*.test.ts', 'subgraphs/**/migrations/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'dataSource', property: 'query', message: 'Statements belong in repositories.' },
      ],
    },
  },
  {
    // ADR 24: V8 makes such functions old at once, with all that they see.
    files: ['gateway/**/*.ts', 'platform/**/*.ts', 'subgraphs/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ObjectExpression > Property[kind=/get|set/]', message: 'A getter belongs in a class (ADR 24).' },
      ],
    },
  },
  {
    files: ['**/*.test.ts', '**/*.fixture.ts', 'test/**/*.ts'],
    rules: { 'max-lines': 'off', '@typescript-eslint/no-explicit-any': 'off' },
  },
  { files: ['scripts/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
);
