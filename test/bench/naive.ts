/**
 * The straightforward way to place tasks: for each task look at every agent, keep the best. It stays here as the baseline that every ratio is taken against; it does the
 * same tests and remembers where each task went.
 */
export interface NaiveAgent {
  readonly name: string;
  cpus: number;
  mem: number;
  disk: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tasks: { readonly job: string }[];
}

export interface NaiveTask {
  readonly job: string;
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly hostLimit: number;
}

export function placeNaively(agents: readonly NaiveAgent[], tasks: readonly NaiveTask[]): number {
  let placed = 0;
  for (const task of tasks) {
    const fits = agents
      .filter((agent) => agent.cpus >= task.cpus && agent.mem >= task.mem && agent.disk >= task.disk)
      .filter((agent) => agent.tasks.filter((other) => other.job === task.job).length < task.hostLimit)
      .map((agent) => ({
        agent,
        score: agent.tasks.filter((other) => other.job === task.job).length * 1000 + agent.tasks.length,
      }));
    const [best] = fits.sort((a, b) => a.score - b.score);
    if (!best) continue;
    best.agent.cpus -= task.cpus;
    best.agent.mem -= task.mem;
    best.agent.disk -= task.disk;
    best.agent.tasks.push({ job: task.job });
    placed += 1;
  }
  return placed;
}
