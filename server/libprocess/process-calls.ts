import type { LoggingLevel } from './logging-level.ts';
import { MESOS_VERSION } from './models.ts';

interface ProcessParts {
  /** As `/flags` shows them. */
  readonly flags: Readonly<Record<string, string>>;
  readonly logging: LoggingLevel;
  readonly metrics: () => ReadonlyMap<string, number>;
}

/** The calls of the operator API that a master and an agent answer alike: of themselves as programs. @returns the field of the response; undefined: it is none of them */
export function processAnswer(type: string, { flags, logging, metrics }: ProcessParts): object | undefined {
  switch (type) {
    case 'GET_HEALTH':
      return { healthy: true };
    case 'GET_VERSION':
      return { version_info: { version: MESOS_VERSION } };
    case 'GET_FLAGS':
      return { flags: Object.entries(flags).map(([name, value]) => ({ name, value })) };
    case 'GET_METRICS':
      return { metrics: [...metrics()].map(([name, value]) => ({ name, value })) };
    case 'GET_LOGGING_LEVEL':
      return { level: logging.level };
    default:
      return undefined;
  }
}
