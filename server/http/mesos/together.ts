/**
 * Answers that many ask for at once are made once: whoever asks for the same in the same turn of the event loop gets the same. Nobody can tell the difference, for
 * nobody can have heard of a change and asked again within a turn.
 */
export class Together<Answer> {
  private readonly made = new Map<string, Answer>();

  /** @param key what is asked for */
  get(key: string, make: () => Answer): Answer {
    let answer = this.made.get(key);
    if (answer === undefined) {
      if (this.made.size === 0) setImmediate(() => this.made.clear());
      this.made.set(key, (answer = make()));
    }
    return answer;
  }
}
