/** Who may import whom: the drawing of architecture.md, section 2, as rules. */
const sides = ['students', 'iep', 'services', 'reporting'];

module.exports = {
  forbidden: [
    {
      name: 'no-circular-files',
      severity: 'error',
      comment: 'Entities may know each other, and types may; nothing else goes in circles.',
      from: { pathNot: '\\.entity\\.ts$' },
      to: { circular: true, viaOnly: { pathNot: '\\.entity\\.ts$', dependencyTypesNot: ['type-only'] } },
    },
    ...sides.map((side) => ({
      name: `subgraph-${side}-imports-platform-and-itself`,
      severity: 'error',
      from: { path: `^subgraphs/${side}/`, pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: '^(gateway|issuer|scripts|test|subgraphs)/', pathNot: `^subgraphs/${side}/` },
    })),
    {
      name: 'gateway-imports-platform',
      severity: 'error',
      from: { path: '^gateway/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: '^(issuer|subgraphs|scripts|test)/' },
    },
    {
      name: 'issuer-imports-platform',
      severity: 'error',
      from: { path: '^issuer/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: '^(gateway|subgraphs|scripts|test)/' },
    },
    {
      name: 'platform-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^platform/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: '^(gateway|issuer|subgraphs|scripts|test)/' },
    },
    {
      name: 'product-never-imports-tests',
      severity: 'error',
      from: { pathNot: '(\\.(test|fixture)\\.ts$|^test/)' },
      to: { path: '(\\.(test|fixture)\\.ts$|^test/)' },
    },
    {
      name: 'nothing-imports-the-bench',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'resolvers-do-not-touch-the-database',
      severity: 'error',
      from: { path: '\\.resolver\\.ts$' },
      to: { path: 'node_modules/typeorm|^platform/database/database' },
    },
    {
      name: 'never-back-from-service',
      severity: 'error',
      from: { path: '\\.(service|repository|entity)\\.ts$' },
      to: { path: '\\.resolver\\.ts$' },
    },
    {
      name: 'never-back-from-repository',
      severity: 'error',
      from: { path: '\\.(repository|entity)\\.ts$' },
      to: { path: '\\.service\\.ts$' },
    },
    {
      name: 'never-back-from-entity',
      severity: 'error',
      from: { path: '\\.entity\\.ts$' },
      to: { path: '\\.repository\\.ts$' },
    },
    {
      name: 'declared-packages-only',
      severity: 'error',
      from: { path: '^(gateway|issuer|platform|subgraphs|scripts)/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '^dist/' },
  },
};
