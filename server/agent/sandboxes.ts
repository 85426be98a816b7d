import { join } from 'node:path';

/** Below the work directory: one directory for each container, by its id. */
export const SANDBOXES = 'containers';

/** Where the sandbox of a container lies, whether it exists or not. */
export function sandboxPath(workDir: string, container: string): string {
  return join(workDir, SANDBOXES, container, 'sandbox');
}
