import type { ConfigId } from '../../../shared/ids.ts';
import { configId } from '../../../shared/job/config-id.ts';
import type { TaskConfig } from '../../../shared/job/config.ts';
import type { Tx } from '../tx.ts';

/** Keeps one copy of each distinct config and gives its id. */
export function internConfig(tx: Tx, config: TaskConfig): ConfigId {
  const id = configId(config);
  if (!tx.world.configs.has(id)) tx.write({ w: 'config', id, config });
  return id;
}

/** Drops configs that no job, task or update uses any more. */
export function dropUnusedConfigs(tx: Tx): void {
  for (const id of tx.world.configs.keys())
    if (!tx.world.configUses.has(id)) tx.write({ w: 'config-gone', id });
}
