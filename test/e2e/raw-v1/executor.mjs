/**
 * A framework's executor, as one might be written anywhere: it knows nothing but its environment and Mesos's v1 executor API. It runs no commands; what its tasks do is
 * up to it: a task runs until it is killed, or until the framework sends `finish`; `exit 3` ends the executor itself.
 */
import { randomBytes } from 'node:crypto';

const { MESOS_AGENT_ENDPOINT, MESOS_EXECUTOR_ID, MESOS_FRAMEWORK_ID } = process.env;
const url = `http://${MESOS_AGENT_ENDPOINT}/api/v1/executor`;
const who = { executor_id: { value: MESOS_EXECUTOR_ID }, framework_id: { value: MESOS_FRAMEWORK_ID } };
const tasks = new Map();
/** By uuid, until acknowledged. */
const updates = new Map();

function post(call) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ ...who, ...call }),
  });
}

async function update(task, state, message) {
  const uuid = randomBytes(16).toString('base64');
  const status = { task_id: task.task_id, state, source: 'SOURCE_EXECUTOR', uuid, message };
  updates.set(uuid, { status });
  const { status: code } = await post({ type: 'UPDATE', update: { status } });
  console.log(`${task.task_id.value} ${state}: ${code}`);
}

async function end(id, state, message) {
  const task = tasks.get(id);
  tasks.delete(id);
  await update(task, state, message);
}

async function handle(event) {
  switch (event.type) {
    case 'SUBSCRIBED':
      console.log(`subscribed to ${event.subscribed.framework_info.name}`);
      break;
    case 'LAUNCH': {
      const { task } = event.launch;
      tasks.set(task.task_id.value, task);
      await update(task, 'TASK_STARTING');
      await update(task, 'TASK_RUNNING', 'hello');
      await post({ type: 'MESSAGE', message: { data: Buffer.from('hi scheduler').toString('base64') } });
      break;
    }
    case 'KILL':
      await end(event.kill.task_id.value, 'TASK_KILLED');
      break;
    case 'ACKNOWLEDGED':
      updates.delete(event.acknowledged.uuid);
      break;
    case 'MESSAGE': {
      const said = Buffer.from(event.message.data, 'base64').toString();
      if (said === 'exit 3') process.exit(3);
      for (const id of tasks.keys()) await end(id, 'TASK_FINISHED', said);
      break;
    }
    case 'SHUTDOWN':
      process.exit(0);
  }
}

/** RecordIO: a length, a line's end, and as many bytes. */
async function subscribe() {
  const response = await post({
    type: 'SUBSCRIBE',
    subscribe: { unacknowledged_tasks: [...tasks.values()], unacknowledged_updates: [...updates.values()] },
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  let bytes = Buffer.alloc(0);
  for await (const chunk of response.body) {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const end = bytes.indexOf(10);
      const length = Number(bytes.toString('latin1', 0, Math.max(end, 0)));
      if (end < 0 || bytes.length < end + 1 + length) break;
      const event = JSON.parse(bytes.toString('utf8', end + 1, end + 1 + length));
      bytes = bytes.subarray(end + 1 + length);
      await handle(event);
    }
  }
}

// An agent that restarts is waited for, as MESOS_CHECKPOINT asks.
for (const endMs = Date.now() + 60_000; Date.now() < endMs;) {
  try {
    await subscribe();
  } catch (error) {
    console.log(String(error));
  }
  if (process.env.MESOS_CHECKPOINT !== '1') process.exit(1);
  await new Promise((resolve) => setTimeout(resolve, 200));
}
