/** mesos.v1.ContainerID: nested ones name their parents. */
export interface ContainerId {
  readonly value: string;
  readonly parent?: ContainerId;
}

/** From the outermost in. */
export function pathOf({ value, parent }: ContainerId): string[] {
  return [...(parent ? pathOf(parent) : []), value];
}

/** As Mesos's messages name it: `task.nested` */
export function dotted(id: ContainerId): string {
  return pathOf(id).join('.');
}

/** @param path from the outermost in; not empty */
export function idOf(path: readonly string[]): ContainerId {
  const value = path.at(-1)!;
  return path.length === 1 ? { value } : { value, parent: idOf(path.slice(0, -1)) };
}
