import pino, { type Logger } from 'pino';

export type { Logger };

/** A structured logger. Header and credential fields never reach a log line. */
export function createLogger(name: string, level: string = process.env.LOG_LEVEL ?? 'info'): Logger {
  return pino({
    name,
    level,
    redact: {
      paths: ['*.authorization', '*.cookie', '*.password', '*.secret', '*.token', 'authorization'],
      remove: true,
    },
  });
}
