/** An exit code, as a shell has it, as the word of wait(2) that Mesos tells: 3 is 768, 143 is signal 15. Unknown: killed. */
export function waitStatus(exit: number | undefined): number {
  if (exit === undefined) return 9;
  return exit > 128 ? exit - 128 : exit * 256;
}
