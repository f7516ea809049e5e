/** Loaded before a program that is measured: tells its memory over IPC, again and again. The program knows nothing of it. */
/** Bytes: of the process, of the objects of JavaScript, and of buffers beside them. */
export interface Sample {
  rss: number;
  heap: number;
  buffers: number;
}

const EVERY_MS = 50;

function tell(): void {
  const { rss, heapUsed, external } = process.memoryUsage();
  const sample: Sample = { rss, heap: heapUsed, buffers: external };
  if (process.connected) process.send!(sample);
}

// Whoever measures wants to begin without what start-up left behind.
process.on('message', () => {
  global.gc?.();
  tell();
});
setInterval(tell, EVERY_MS).unref();
process.channel?.unref();
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
