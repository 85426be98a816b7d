/** Resolves with the promise, after a while, or at the signal, whichever is first. */
export async function atMost(promise: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<void> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const timer = setTimeout(stop, ms);
  signal?.addEventListener('abort', stop, { once: true });
  await Promise.race([promise, stopped]);
  clearTimeout(timer);
}
