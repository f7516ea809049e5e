const { appendFileSync, readFileSync } = require('node:fs');
const { TestEnvironment } = require('jest-environment-node');

const testsOf = ({ children = [] }) => children.flatMap((child) => (child.type === 'test' ? [child] : testsOf(child)));
const nameOf = ({ name, parent }) =>
  parent && parent.name !== 'ROOT_DESCRIBE_BLOCK' ? `${nameOf(parent)} ${name}` : name;

/**
 * Of a suite only the tests of its job run, and none after the first that fails: one is proof enough. Set-ups that failed are
 * noted, for those prove nothing.
 */
module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.path = context.testPath;
    const { tests } = JSON.parse(readFileSync(`${this.path}.json`, 'utf8'));
    this.pattern = new RegExp(tests ?? '', 'i');
  }

  handleTestEvent(event, { rootDescribeBlock }) {
    if (event.name === 'run_start')
      for (const test of testsOf(rootDescribeBlock)) if (!this.pattern.test(nameOf(test))) test.mode = 'skip';
    if (event.name === 'hook_failure' && event.hook.type === 'beforeAll')
      appendFileSync(`${this.path}.setup`, `${event.error?.message ?? event.error}\n`);
    if (event.name === 'test_done' && event.test.errors.length > 0)
      for (const test of testsOf(rootDescribeBlock)) if (test.status === null) test.mode = 'skip';
  }
};
