/** Ink's own frame builder (ink/build/output.js), under the name that the build gives it beside ours. */
declare module 'ink-slow-output' {
  export class Output {
    constructor(size: { readonly width: number; readonly height: number });
    write(
      x: number,
      y: number,
      text: string,
      options: { readonly transformers: readonly ((line: string, index: number) => string)[] },
    ): void;
    clip(clip: unknown): void;
    unclip(): void;
    get(): { output: string; height: number };
  }
  export default Output;
}
