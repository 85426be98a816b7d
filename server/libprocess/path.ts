/** Escapes decoded, slashes that are doubled or at the end left out. Empty: the root, or no path at all. */
export function componentsOf(url: string): string[] {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  try {
    return decodeURIComponent(path)
      .split('/')
      .filter((component) => component !== '');
  } catch {
    return path.split('/').filter((component) => component !== '');
  }
}
