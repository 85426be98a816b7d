/**
 * Prints what a framework of raw v1 calls hears, story by story. `node --import tsx test/e2e/raw-v1/tell.ts`, after `npm run build`. The same stories are tests in
 * raw-v1.test.ts.
 */
import { noDocker } from '../../support/docker.ts';
import { Dawn } from '../dawn.ts';
import {
  Stage,
  completionTime,
  customExecutor,
  dockerBridge,
  executorOverRestart,
  healthChecked,
  persistentVolume,
  taskGroup,
} from './stories.ts';

const PROCESSES = {
  'a custom executor': customExecutor,
  'an executor outlives the agent': executorOverRestart,
  'task groups': taskGroup,
  'a health check that fails': healthChecked,
  'a reservation with a persistent volume': persistentVolume,
  'a task that takes too long': completionTime,
};
const CONTAINERS = { 'a bridge with a port': dockerBridge, 'task groups': taskGroup };

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function tell(
  name: string,
  containerizer: 'mesos' | 'docker',
  story: (stage: Stage) => Promise<unknown>,
): Promise<void> {
  print(`\n${name} (${containerizer === 'mesos' ? 'processes' : 'containers'})`);
  const dawn = new Dawn();
  const stage = await Stage.open(dawn, containerizer, (line) => print(`  ${line}`));
  try {
    await story(stage);
  } finally {
    await stage.close();
    await dawn.close();
  }
}

for (const [name, story] of Object.entries(PROCESSES)) await tell(name, 'mesos', story);
if (noDocker === null)
  for (const [name, story] of Object.entries(CONTAINERS)) await tell(name, 'docker', story);
else print(`\nno containers: ${noDocker}`);
