/**
 * Preloaded into the product by `young.test.ts`: tells whoever sends it a message how many bytes have outlived three
 * collections of what is young.
 */
const { getHeapSpaceStatistics, setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('message', (message) => {
  if (message === 'collect') collect();
  for (let i = 0; i < 3; i++) collect({ type: 'minor' });
  process.send(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space').space_used_size);
});
