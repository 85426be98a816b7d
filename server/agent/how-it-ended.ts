/** As strsignal(3) names those that end commands. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'Hangup',
  2: 'Interrupt',
  3: 'Quit',
  4: 'Illegal instruction',
  6: 'Aborted',
  8: 'Floating point exception',
  9: 'Killed',
  11: 'Segmentation fault',
  13: 'Broken pipe',
  14: 'Alarm clock',
  15: 'Terminated',
};

/** Of a command, in the words of Mesos's executors. @param exit as a shell has it: of what a signal ended 128 and the signal */
export function howCommandEnded(exit: number): string {
  const signal = SIGNALS[exit - 128];
  return signal === undefined
    ? `Command exited with status ${exit}`
    : `Command terminated with signal ${signal}`;
}

/** Of a container, in the words of Mesos's docker executor: the engine knows of no signals. */
export function howContainerEnded(exit: number): string {
  return `Container exited with status ${exit}`;
}
