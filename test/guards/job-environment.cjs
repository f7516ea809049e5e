const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { TestEnvironment } = require('jest-environment-node');

const testsOf = ({ children = [] }) => children.flatMap((child) => (child.type === 'test' ? [child] : testsOf(child)));
const nameOf = ({ name, parent }) =>
  parent && parent.name !== 'ROOT_DESCRIBE_BLOCK' ? `${nameOf(parent)} ${name}` : name;

/**
 * Of a suite only the tests of its job run, and none after the first that fails: one is proof enough. What came of them is
 * left beside the suite, so that a run that is ended early has said what it knew; so are set-ups that failed.
 */
module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.path = context.testPath;
    this.done = [];
    const { tests } = JSON.parse(readFileSync(`${this.path}.json`, 'utf8'));
    this.pattern = new RegExp(tests ?? '', 'i');
  }

  handleTestEvent(event, { rootDescribeBlock }) {
    if (event.name === 'run_start')
      for (const test of testsOf(rootDescribeBlock)) if (!this.pattern.test(nameOf(test))) test.mode = 'skip';
    if (event.name === 'hook_failure' && event.hook.type === 'beforeAll')
      appendFileSync(`${this.path}.setup`, `${event.error?.message ?? event.error}\n`);
    if (event.name === 'test_done' && event.test.status === 'done') {
      const errors = event.test.errors.map((error) =>
        String((Array.isArray(error) ? error[0] : error)?.message ?? error),
      );
      this.done.push({ name: nameOf(event.test), errors });
      if (errors.length > 0)
        for (const test of testsOf(rootDescribeBlock)) if (test.status === null) test.mode = 'skip';
    }
    if (event.name === 'run_finish') writeFileSync(`${this.path}.done`, JSON.stringify(this.done));
  }
};
